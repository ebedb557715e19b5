/** The only door to the network: requests that the user has configured, to a place that the user has named. */
export function sendRequest(request: Request): Promise<Response> {
  return fetch(request, { redirect: "manual" })
}
