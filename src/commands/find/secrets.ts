import { exitCodes } from "../../domain/errors.ts"
import { openReadable } from "../../operations/search/show.ts"
import { Redactor } from "../../operations/share/redactor.ts"
import { resolveId } from "../../pipeline/naming/id-named.ts"
import { secretsDocument, showSecrets } from "../../view/share/secrets.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"

export default command(
  "secrets",
  "List what looks like a secret in a session, by kind and place; write nothing",
  {
    session: {
      type: "positional",
      required: true,
      description: "Session id (4 digits are enough), terminal, pid, title or folder",
    },
    strict: { type: "boolean", description: "Exit 1 if anything looks like a secret" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue secrets 01e5af14", "session-rescue secrets 01e5af14 --strict --json"],
  async (parsed, signal) => {
    const [name, more] = parsed.names
    if (name === undefined || more !== undefined)
      throw usageError("secrets takes one session", "list them: session-rescue list")
    const { ctx, paths, out, json, warnings } = await openEnvironment(parsed, signal)
    const session = await openReadable(await resolveId(name, "secrets", paths, ctx), paths, ctx)
    // everything in the file, the client's own texts too: the person who gets the file gets them
    const redactor = new Redactor([], { clientTexts: true })
    for await (const item of session.items) redactor.item(item)
    const view = { id: session.id, secrets: redactor.report.secrets }
    if (json) out.print(JSON.stringify(secretsDocument(view, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showSecrets(view, out)
    }
    if (signal.aborted) return exitCodes.interrupted
    return parsed.flags.has("strict") && view.secrets.length > 0 ? exitCodes.failed : exitCodes.done
  },
)
