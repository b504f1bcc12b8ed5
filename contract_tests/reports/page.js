const heard = document.getElementById("heard");
for (const button of document.querySelectorAll("button[data-copies]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const script = document.getElementById(button.dataset.copies);
    let copied = true;
    try {
      await navigator.clipboard.writeText(script.textContent);
    } catch {
      script.closest("details").open = true;
      getSelection().selectAllChildren(script);
      copied = document.execCommand("copy");
    }
    const said = copied ? "Copied" : "Selected; copy it now";
    button.textContent = said;
    heard.textContent = said;
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}
const filter = document.getElementById("filter");
const show = (result) => {
  let shown = 0;
  for (const operation of document.querySelectorAll("details.operation")) {
    let here = 0;
    for (const row of operation.querySelectorAll("tr[data-result]")) {
      row.hidden = result !== "all" && row.dataset.result !== result;
      here += !row.hidden;
    }
    operation.hidden = !here;
    if (result !== "all") operation.open = true;
    shown += here;
  }
  heard.textContent = `${shown} promises shown`;
};
if (filter) {
  filter.hidden = false;
  filter.addEventListener("change", (event) => show(event.target.value));
}
const opened = () => {
  let place = document.getElementById(location.hash.slice(1));
  const target = place;
  for (; place; place = place.parentElement) if (place.localName === "details") place.open = true;
  target?.scrollIntoView();
};
addEventListener("hashchange", opened);
opened();
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open])")];
  for (const details of unfolded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of unfolded) details.open = false;
});
