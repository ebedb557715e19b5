/**
 * Internal command with which this program starts itself to continue reading in the background; not shown in the help.
 */
export const refreshCommand = "refresh-index"
