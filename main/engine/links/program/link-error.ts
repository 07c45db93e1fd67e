/** A refusal with the HTTP status that Toxiproxy's clients expect for it. */
export class LinkError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const linkErrors = {
  badBody: (detail: string) => new LinkError(400, `bad request body: ${detail}`),
  missingField: (field: string) => new LinkError(400, `missing required field: ${field}`),
  proxyNotFound: () => new LinkError(404, 'proxy not found'),
  proxyExists: () => new LinkError(409, 'proxy already exists'),
  invalidStream: () => new LinkError(400, 'stream was invalid, can be either upstream or downstream'),
  invalidType: () => new LinkError(400, 'invalid toxic type'),
  toxicExists: () => new LinkError(409, 'toxic already exists'),
  tooMany: (bound: string) => new LinkError(400, `no more ${bound} is the bound`),
  toxicNotFound: () => new LinkError(404, 'toxic not found'),
};
