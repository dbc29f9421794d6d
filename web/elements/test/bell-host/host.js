import "/bell.js";

const params = new URLSearchParams(location.search);
const bell = document.querySelector("campanile-bell");
window.heard = [];
for (const name of ["navigate", "action", "count", "open", "close"]) {
  bell.addEventListener(`campanile-${name}`, (event) => {
    const { item, action, url, unread, unseen } = event.detail;
    window.heard.push({ name, item: item?.id, action: action?.id, url, unread, unseen });
    if (name === "navigate" && params.has("stay")) event.preventDefault();
  });
}
window.signIn = (token) => {
  bell.token = async () => token;
};
window.signOut = () => {
  bell.token = async () => null;
};
if (params.has("theme")) bell.theme = params.get("theme");
if (params.has("placement")) bell.placement = params.get("placement");
if (params.has("poll")) bell.pollInterval = Number(params.get("poll"));
if (params.has("token")) window.signIn(params.get("token"));
