// Runs before the page is drawn, so that a chosen theme never flashes the other one.
try {
  const theme = localStorage.getItem("campanile-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage: the system decides.
}
