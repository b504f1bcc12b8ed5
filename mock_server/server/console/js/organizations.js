// The organizations of the fixtures, with the credentials that stand for them.

export class Organizations {
  all = {};
  #room;

  constructor(room) {
    this.#room = room;
  }

  async load() {
    this.all = (await this.#room.control.get("/fixtures")).organizations;
    this.#room.redraw();
  }

  get names() {
    return Object.keys(this.all);
  }

  /** Pairs of credential and organization. */
  get tokens() {
    return Object.entries(this.all).flatMap(([name, { tokens }]) => tokens.map((token) => [textOf(token), name]));
  }

  /** Return a credential of a kind, or of any, that stands for an organization; undefined where there is none. */
  tokenOf(organization, kind) {
    const fitting = this.all[organization]?.tokens.find((token) => typeof token === "string" || !kind || kind in token);
    return fitting === undefined ? undefined : textOf(fitting);
  }
}

/** Return a credential as a text; fixtures may tell of which kind it is. */
function textOf(token) {
  if (typeof token === "string") return token;
  return token.token ?? token["api-key"] ?? (token.password ? `${token.username}:${token.password}` : token.username);
}
