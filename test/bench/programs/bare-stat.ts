// Nothing but a stat of every transcript.
import { statAll } from "./stat-all.ts"

console.log(statAll())
