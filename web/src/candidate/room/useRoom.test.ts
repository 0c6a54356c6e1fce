/** Joining, being lost, and coming back, with a room that does what LiveKit's does. */

import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { ConnectionState, createLocalAudioTrack, Room, RoomEvent, Track } from "livekit-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { CallError } from "../../api/calls";
import * as calls from "../calls";
import { useRoom } from "./useRoom";

vi.mock("../calls");
vi.mock("livekit-client", async (original) => {
  const real = await original<typeof import("livekit-client")>();
  class FakeRoom {
    state = real.ConnectionState.Disconnected;
    handlers = new Map<string, Set<(...given: unknown[]) => void>>();
    localParticipant = {
      setMicrophoneEnabled: vi.fn(() => Promise.resolve()),
      setCameraEnabled: vi.fn(() => Promise.resolve()),
      publishTrack: vi.fn(() => Promise.resolve()),
    };
    registerTextStreamHandler = vi.fn();
    unregisterTextStreamHandler = vi.fn();
    disconnect = vi.fn(() => Promise.resolve());
    connect = vi.fn(() => {
      this.state = real.ConnectionState.Connected;
      this.tell(real.RoomEvent.Connected);
      return Promise.resolve();
    });
    on(event: string, handler: (...given: unknown[]) => void) {
      this.handlers.set(event, (this.handlers.get(event) ?? new Set()).add(handler));
      return this;
    }
    off(event: string, handler: (...given: unknown[]) => void) {
      this.handlers.get(event)?.delete(handler);
      return this;
    }
    removeAllListeners() {
      this.handlers.clear();
    }
    tell(event: string, ...given: unknown[]) {
      for (const handler of [...(this.handlers.get(event) ?? [])]) handler(...given);
    }
  }
  return { ...real, Room: FakeRoom, createLocalAudioTrack: vi.fn() };
});

const api = vi.mocked(calls);
afterEach(cleanup);

type Fake = Room & { tell: (event: string, ...given: unknown[]) => void };
const seat = { session_id: "s", typing_only: false, watches_camera: false, consent: { given: {} } } as unknown as calls.Seat;

function enter() {
  const told = { over: vi.fn(), taken: vi.fn() };
  const { result } = renderHook(() => useRoom(seat, { url: "ws://first", token: "1" }, {}, told.over, told.taken));
  const room = () => result.current.room as Fake;
  const isLost = () =>
    act(() => {
      Object.assign(room(), { state: ConnectionState.Disconnected });
      room().tell(RoomEvent.Disconnected);
    });
  return { result, room, isLost, ...told };
}

beforeEach(() => {
  vi.clearAllMocks();
  api.readSession.mockResolvedValue({ status: "IN_PROGRESS" } as calls.Session);
  api.freshWay.mockResolvedValue({ url: "ws://fresh", token: "2" });
});

describe("the room", () => {
  it("is joined by the way that was given, with a microphone", async () => {
    const { result, room } = enter();
    await waitFor(() => expect(result.current.state.phase).toBe("in"));
    expect(room().connect).toHaveBeenCalledExactlyOnceWith("ws://first", "1");
    await waitFor(() => expect(room().localParticipant.setMicrophoneEnabled).toHaveBeenCalledWith(true, {}));
  });

  it("says that it reconnects at the first try already", async () => {
    const { result, room } = enter();
    await waitFor(() => expect(result.current.state.phase).toBe("in"));
    act(() => room().tell(RoomEvent.SignalReconnecting));
    expect(result.current.state.phase).toBe("reconnecting");
    act(() => room().tell(RoomEvent.Reconnected));
    expect(result.current.state).toMatchObject({ phase: "in", returns: 1 });
  });

  it("is joined again by a fresh way after a loss, however often that fails", async () => {
    const { result, room, isLost } = enter();
    await waitFor(() => expect(result.current.state.phase).toBe("in"));
    api.freshWay.mockRejectedValueOnce(new CallError("offline", "", 0));
    isLost();
    expect(result.current.state.phase).toBe("reconnecting");
    await waitFor(() => expect(result.current.state).toMatchObject({ phase: "in", returns: 1 }), { timeout: 3000 });
    expect(room().connect).toHaveBeenLastCalledWith("ws://fresh", "2");
  });

  it("is joined again muted by who was muted", async () => {
    const track = { mute: vi.fn(() => Promise.resolve(track)) };
    vi.mocked(createLocalAudioTrack).mockResolvedValue(track as never);
    const { result, room, isLost } = enter();
    await waitFor(() => expect(room().localParticipant.setMicrophoneEnabled).toHaveBeenCalledOnce());
    act(() => room().tell(RoomEvent.TrackMuted, { source: Track.Source.Microphone }, room().localParticipant));
    isLost();
    await waitFor(() => expect(room().localParticipant.publishTrack).toHaveBeenCalledWith(track));
    expect(track.mute).toHaveBeenCalledOnce();
    expect(room().localParticipant.setMicrophoneEnabled).toHaveBeenCalledOnce();
    expect(result.current.state.microphoneFailed).toBe(false);
  });

  it("is left to whoever opened the link elsewhere", async () => {
    const { result, taken, isLost } = enter();
    await waitFor(() => expect(result.current.state.phase).toBe("in"));
    api.readSession.mockRejectedValue(new CallError("seat_taken_over", "", 401));
    isLost();
    await waitFor(() => expect(taken).toHaveBeenCalledOnce());
  });

  it("is not joined again once the interview is over", async () => {
    const { result, over, isLost } = enter();
    await waitFor(() => expect(result.current.state.phase).toBe("in"));
    api.readSession.mockResolvedValue({ status: "COMPLETED" } as calls.Session);
    isLost();
    await waitFor(() => expect(over).toHaveBeenCalledWith("COMPLETED"));
    expect(api.freshWay).not.toHaveBeenCalled();
  });
});
