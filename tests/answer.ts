/**
 * The answer of a server over HTTP, on a connection of its own: one that was kept may be closed by the server at the very
 * moment of the next request, as it is after 5 s in which this process got no time.
 */
export function answerOf(url: string | URL, { headers = {}, ...init }: Asked = {}): Promise<Response> {
  return fetch(url, { ...init, headers: { ...headers, connection: 'close' } });
}

type Asked = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };
