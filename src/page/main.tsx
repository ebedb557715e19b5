import { render } from "preact"
import { App, Outside } from "./app.tsx"
import { enter } from "./data/api.ts"

const root = document.body.appendChild(document.createElement("div"))

enter()
  .then((may) => render(may ? <App /> : <Outside />, root))
  .catch(() => render(<Outside />, root))
