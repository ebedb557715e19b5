/** What this program calls itself with, to go on reading into the index in the background. No command for people. */
export const refreshCommand = "refresh-index"
