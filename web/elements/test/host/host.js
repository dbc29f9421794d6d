import "/elements.js";

const params = new URLSearchParams(location.search);
const element = document.createElement(`campanile-${params.get("element")}`);
window.element = element;
window.heard = [];
for (const name of ["change", "test", "count", "navigate", "action", "tab", "view", "secret"]) {
  element.addEventListener(`campanile-${name}`, (event) => {
    window.heard.push({ name, detail: JSON.parse(JSON.stringify(event.detail ?? {})) });
    if (name === "navigate") event.preventDefault();
  });
}
window.signIn = (token) => {
  element.token = async () => token;
};
element.locale = "en";
if (params.has("tenant")) element.tenant = params.get("tenant");
if (params.has("theme")) element.theme = params.get("theme");
if (params.has("readonly")) element.setAttribute("readonly", "");
if (params.has("token")) window.signIn(params.get("token"));
document.querySelector("main").append(element);
