// Dark, light, or as the system has it.

const KEPT_AS = "understudy.theme";
const THEMES = ["system", "light", "dark"];

export class Theme {
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #chosen = localStorage.getItem(KEPT_AS) || "system";

  constructor() {
    this.#dark.addEventListener("change", () => this.#apply());
    this.#apply();
  }

  get chosen() {
    return this.#chosen;
  }

  /** Take the next theme: system, light, dark, and again. */
  next() {
    this.#chosen = THEMES[(THEMES.indexOf(this.#chosen) + 1) % THEMES.length];
    localStorage.setItem(KEPT_AS, this.#chosen);
    this.#apply();
  }

  #apply() {
    const isDark = this.#chosen === "dark" || (this.#chosen === "system" && this.#dark.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
    document.documentElement.classList.toggle("dark-mode", isDark); // the API reference goes by this
  }
}
