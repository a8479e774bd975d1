const byId = (id) => document.getElementById(id);

byId("tides").addEventListener("click", async () => {
  // The browser asks for this part now, maybe hours after it loaded the page.
  const { tides } = await import("./tides.js");
  document.querySelector("output").textContent = tides();
});

let first;
const events = new EventSource("/.skiff/release");
events.addEventListener("release", ({ data }) => {
  const { release } = JSON.parse(data);
  first ??= release;
  byId("news").hidden = release === first;
});

byId("reload").addEventListener("click", () => location.reload());
