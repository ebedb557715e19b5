/** The argument that makes our program a guest; it does nothing where nobody is at the other end. */
export const workerFlag = "--serve-plugins"
