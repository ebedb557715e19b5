import { render } from "preact"
import { App, Outside } from "./app.tsx"
import { enter, isLink } from "./data/api.ts"

const root = document.body.appendChild(document.createElement("div"))

// a new link, opened in this tab: nothing but the part behind the # differs, so that no page is loaded
addEventListener("hashchange", () => {
  if (isLink()) location.reload()
})

enter()
  .then((may) => render(may ? <App /> : <Outside />, root))
  .catch(() => render(<Outside />, root))
