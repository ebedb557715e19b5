// The least that `status` could do: list the processes the portable way, and stat every transcript.
import psList from "ps-list"
import { statAll } from "./stat-all.ts"

console.log((await psList()).length, statAll())
