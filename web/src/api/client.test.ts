/** A sign-in is renewed while it can be, and ends where it is over; where nobody answers it is neither. */

import { describe, expect, it, vi } from "vitest";

import { createApi, type Session } from "./client";

const problem = (code: string) => ({ code, message: code, request_id: "r", details: {} });
const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

function signedIn(...answers: Response[]) {
  let token: string | null = "old";
  const session: Session = { token: () => token, keep: (next) => void (token = next) };
  const fetcher = vi.fn<typeof fetch>();
  for (const one of answers) fetcher.mockResolvedValueOnce(one);
  return { api: createApi("http://viva.example", session, fetcher), session, fetcher };
}

describe("a call with a token", () => {
  it("that has run out is made again with a new one", async () => {
    const { api, session } = signedIn(answer(401, problem("token_expired")), answer(200, { access_token: "new" }), answer(200, { name: "Ada" }));
    expect((await api.GET("/api/auth/me")).data).toEqual({ name: "Ada" });
    expect(session.token()).toBe("new");
  });
  it("that was signed out elsewhere ends the sign-in here", async () => {
    const { api, session, fetcher } = signedIn(answer(401, problem("signed_out")));
    expect((await api.GET("/api/auth/me")).error).toMatchObject({ code: "signed_out" });
    expect(session.token()).toBeNull();
    expect(fetcher).toHaveBeenCalledTimes(1);
  });
  it("stays signed in while nobody can renew it", async () => {
    const { api, session } = signedIn(answer(401, problem("token_expired")), answer(503, problem("storage_unavailable")));
    await api.GET("/api/auth/me");
    expect(session.token()).toBe("old");
  });
});
