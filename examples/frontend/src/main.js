import { assign } from "./api.js";

const form = document.querySelector("form");
const list = document.querySelector("ul");
const alert = document.querySelector("[role=alert]");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  alert.textContent = "";
  try {
    const { internal_contact, internal_role } = await assign("ptn_northwind", Object.fromEntries(new FormData(form)));
    const item = document.createElement("li");
    item.textContent = `${internal_contact.name ?? internal_contact.email}: ${internal_role}`;
    list.append(item);
  } catch (error) {
    alert.textContent = error.message;
  }
});
