// The organizations of the fixtures, with the tokens that stand for them.

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

  /** Pairs of token and organization. */
  get tokens() {
    return Object.entries(this.all).flatMap(([name, { tokens }]) => tokens.map((token) => [token, name]));
  }

  /** Return a token that stands for an organization; undefined where there is none. */
  tokenOf(organization) {
    return this.all[organization]?.tokens[0];
  }
}
