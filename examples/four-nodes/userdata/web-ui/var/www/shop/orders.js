// Shows the orders that the REST interface has, and sends it new ones.
const api = document.currentScript.dataset.api;
const [form, list] = [document.querySelector("form"), document.querySelector("ul")];

async function show() {
  const orders = await (await fetch(api)).json();
  list.replaceChildren(...orders.map((order) => {
    const item = document.createElement("li");
    item.textContent = `${order.id}: ${order.what}`;
    return item;
  }));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ what: form.what.value });
  await fetch(api, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  form.reset();
  await show();
});
show();
