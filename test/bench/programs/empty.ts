// What the runtime itself costs.
export {}
