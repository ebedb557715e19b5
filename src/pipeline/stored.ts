import { readRaw } from "../rescue/stored.ts"
import type { ReadStored } from "./stages.ts"

export const readStored: ReadStored = readRaw
