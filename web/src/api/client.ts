/** Viva's API for the pages, typed by its own document: `schema.d.ts` is made by `make client`, never by hand. */

import createClient, { type Client, type Middleware } from "openapi-fetch";

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** The body of every answer that is an error (RFC 9457); programs go by `code`. */
export type Problem = Schemas["Problem"];

/** Where the access token is kept. A candidate's page needs none: its seat is an httpOnly cookie. */
export interface Session {
  /** The present access token, or null when nobody is signed in. */
  token(): string | null;
  /** Keep a fresh token, or null once the sign-in has ended. */
  keep(token: string | null): void;
}

export type Api = Client<paths>;

/** Make a client. With a session it sends the bearer token, and renews one that has run out, once, by the cookie; one that
 * is good for nothing any more ends the sign-in. */
export function createApi(baseUrl: string, session?: Session, fetcher: typeof fetch = fetch): Api {
  const api = createClient<paths>({ baseUrl, fetch: fetcher, credentials: "same-origin" });
  if (session) {
    api.use(signedIn(createClient<paths>({ baseUrl, fetch: fetcher, credentials: "same-origin" }), session, fetcher));
  }
  return api;
}

/** Tell whether an error is one of our problems, rather than what a proxy on the way said. */
export function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "request_id" in error;
}

/** Exchange the refresh cookie for an access token; null where there is no sign-in any more, or nobody answers. */
export async function refresh(plain: Api, session: Session): Promise<string | null> {
  for (let turn = 0; ; turn += 1) {
    const { data, error, response } = await plain.POST("/api/auth/refresh");
    // another tab of this browser was quicker, and the cookie is new by now
    if (error?.code === "refresh_in_progress" && turn < REFRESH_TURNS) {
      await new Promise((resolve) => setTimeout(resolve, REFRESH_PAUSE_MS));
      continue;
    }
    const token = data?.access_token ?? null;
    if (token !== null || response.status === 401) session.keep(token);
    return token;
  }
}

const REFRESH_TURNS = 8;
const REFRESH_PAUSE_MS = 250;

function signedIn(plain: Api, session: Session, fetcher: typeof fetch): Middleware {
  const unsent = new Map<string, Request>();
  let renewing: Promise<string | null> | null = null;

  /** One renewal at a time: a refresh token works once. */
  function renew(): Promise<string | null> {
    renewing ??= refresh(plain, session).finally(() => {
      renewing = null;
    });
    return renewing;
  }

  return {
    onRequest({ request, id }) {
      const token = session.token();
      if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
      unsent.set(id, request.clone()); // a body can be read once
      return request;
    },
    async onResponse({ response, id }) {
      const again = unsent.get(id);
      unsent.delete(id);
      if (!again || response.status !== 401 || !again.headers.has("Authorization")) return undefined;
      const problem: unknown = await response.clone().json();
      if (!isProblem(problem)) return undefined;
      if (problem.code !== "token_expired") {
        // signed out elsewhere; not where another call has brought a new token meanwhile
        if (again.headers.get("Authorization") === `Bearer ${session.token()}`) session.keep(null);
        return undefined;
      }
      const token = await renew();
      if (token === null) return undefined;
      again.headers.set("Authorization", `Bearer ${token}`);
      return fetcher(again);
    },
    onError({ id }) {
      unsent.delete(id);
    },
  };
}
