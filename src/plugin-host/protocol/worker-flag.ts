/**
 * The argument that starts our program as a plugin worker; it has no effect without a parent on the IPC
 * channel.
 */
export const workerFlag = "--serve-plugins"
