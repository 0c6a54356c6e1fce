import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { callError } from "../api/calls";
import { Loading, Notice, PageTitle } from "../ui/parts";
import { type Seat, start, type Way } from "./calls";
import { errorWords, useTexts } from "./texts";

const ASK_MS = 3000;

export interface QueueProps {
  seat: Seat;
  onEnter: (way: Way) => void;
  onOver: (status: Seat["status"]) => void;
}

/** Waits for a seat in the house; asking again is harmless, and the answer is the way in. */
export function Queue({ seat, onEnter, onOver }: QueueProps) {
  const texts = useTexts();
  const { t } = texts;
  const asking = useQuery({
    queryKey: ["queue"],
    queryFn: () => start(seat.session_id),
    refetchInterval: ASK_MS,
    refetchIntervalInBackground: true,
    staleTime: 0,
    gcTime: 0,
  });
  const answer = asking.data;
  useEffect(() => {
    if (!answer || answer.status === "QUEUED") return;
    if (answer.livekit_url && answer.livekit_token) onEnter({ url: answer.livekit_url, token: answer.livekit_token });
    else onOver(answer.status);
  }, [answer, onEnter, onOver]);
  const failure = asking.error ? callError(asking.error) : null;
  const queue = answer?.queue;
  return (
    <section className="card">
      <PageTitle>{t("queue.title")}</PageTitle>
      <p>{t("queue.words")}</p>
      {queue ? (
        <>
          <dl className="facts">
            <div>
              <dt>{t("queue.position")}</dt>
              <dd className="big number">{queue.position}</dd>
            </div>
            <div>
              <dt>{t("queue.wait")}</dt>
              <dd className="big number">
                {t("queue.minutes", { minutes: Math.max(1, Math.ceil(queue.expected_wait_s / 60)) })}
              </dd>
            </div>
          </dl>
          <p className="visually-hidden" role="status">
            {t("queue.moved", { position: queue.position })}
          </p>
        </>
      ) : failure ? null : (
        <Loading>{t("check.starting")}</Loading>
      )}
      {failure ? <Notice tone="bad">{errorWords(texts, failure)}</Notice> : null}
    </section>
  );
}
