/** Reads the messages of an export into the index, where `cxq` finds them. */
import { definePlugin } from "session-rescue"

export default definePlugin({
  name: "context-extractor",
  stage: "post-process",
  on: "cx",
  order: "pre",
  run: (exported, ctx) => ctx.index(exported),
})
