/** The views of what is handed out, and of the server. */
import { RescueError } from "../../../../src/domain/errors.ts"
import { showNewLink, showRunning, showServing } from "../../../../src/view/serve/serving.ts"
import { type Rendered, renderDocument, showRendered } from "../../../../src/view/share/rendered.ts"
import { noteShared, secretsDocument, showSecrets } from "../../../../src/view/share/secrets.ts"
import { sessionId as id } from "../../../fixtures/talk/conversation.ts"
import type { View } from "../views.ts"

const home = "/home/me"

const secrets = (text: string) => [
  { kind: "GitHub token", document: "", offset: 1234, length: 40 },
  { kind: "private key", document: text, offset: 0, length: 1700 },
]

const report = (text: string) => ({ secrets: secrets(text), clientTexts: 3, pictures: 1 })

const rendered = (text: string): Rendered => ({
  ...{ id: id(1), folder: `${home}/read/${id(1)}`, title: text, messages: 2, pages: 1, damaged: 1 },
  report: report(text),
})

const view = (text: string) => ({
  rendered: [rendered(text), { ...rendered(text), title: null, damaged: 0 }],
  failures: [{ id: id(2), error: new RescueError("REFUSED", text, text) }],
  index: `${home}/${text}/index.html`,
})

export const shareViews: Readonly<Record<string, View>> = {
  secrets: (out, text) => showSecrets({ id: id(1), secrets: secrets(text) }, out),
  "secrets, none": (out) => showSecrets({ id: id(1), secrets: [] }, out),
  "show --share": (out, text) => {
    noteShared(report(text), out)
    noteShared({ secrets: [], clientTexts: 0, pictures: 0 }, out)
  },
  render: (out, text) => {
    showRendered(view(text), home, out)
    showRendered({ ...view(text), failures: [], index: null }, home, out)
  },
  serve: (out) => {
    for (const actions of [false, true]) showServing({ link: "http://127.0.0.1:4757/#t=x", actions }, out)
    showNewLink("http://127.0.0.1:4757/#t=y", out)
    for (const actions of [false, true])
      showRunning({ link: "http://127.0.0.1:4757/#t=z", actions, pid: 4242 }, out)
  },
}

export const shareDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  secrets: (text) => secretsDocument({ id: id(1), secrets: secrets(text) }, [text]),
  render: (text) => renderDocument(view(text), [text]),
}
