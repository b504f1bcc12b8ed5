for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const script = document.getElementById(button.dataset.copies);
    let copied = true;
    try {
      await navigator.clipboard.writeText(script.textContent);
    } catch {
      getSelection().selectAllChildren(script);
      copied = document.execCommand("copy");
    }
    const said = copied ? "Copied" : "Selected; copy it now";
    button.textContent = said;
    document.getElementById("heard").textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}
const opened = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
addEventListener("hashchange", opened);
opened();
