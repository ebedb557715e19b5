// The least that `status` could do for a database of sessions, each of which it lists: list the processes the portable
// way, and read every session and its last message.
import { Database } from "bun:sqlite"
import { join } from "node:path"
import psList from "ps-list"

const path = join(process.env.HOME ?? "", ".local/share/opencode/opencode.db")
const database = new Database(path, { readonly: true })
const last =
  "select data from message where session_id = session.id order by time_created desc, id desc limit 1"
const rows = database
  .query(`select id, parent_id, directory, title, version, time_updated, (${last}) as last from session`)
  .all()
console.log((await psList()).length, rows.length)
