// Runs before the first paint, so that a reload never flashes in the other theme. The application decides again.
(() => {
  let chosen;
  try {
    chosen = JSON.parse(localStorage.getItem("tc:v1:preferences") ?? "{}").theme;
  } catch {
    // Unreadable preferences count as none.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = chosen === "dark" || chosen === "light" ? chosen : system;
})();
