// Text that goes to the clipboard, or into a file.

/** Copy text; where the page is not trusted with the clipboard (plain http from another machine), in the old way. */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Have the browser save text as a file. */
export function save(name, text, type = "application/json") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Return the text of a file that the user picks; null where they pick none. */
export function pick(accept) {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.addEventListener("change", async () => resolve(await input.files[0].text()));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}
