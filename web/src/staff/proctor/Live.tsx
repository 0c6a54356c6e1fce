/** The rooms that may be watched now, side by side. Nobody in them sees or hears who watches. */

import { useState } from "react";

import { Loading, PageTitle } from "../../ui/parts";
import { MoreButton, usePaged } from "../lists";
import { Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { judges, watchablePage } from "./calls";
import { Tile } from "./Tile";

const JOINED_AT_ONCE = 6;
/** Further ones are joined by a press: each is a stream of pictures, and a look that is noted. */

export default function Live({ me }: { me: Me }) {
  const { t } = useTexts();
  const [heard, setHeard] = useState<string | null>(null);
  const [skew_ms, setSkew] = useState(0);
  const read = async (cursor: string | null) => {
    const page = await watchablePage(cursor);
    setSkew(Date.parse(page.at) - Date.now());
    return page;
  };
  const pages = usePaged(["watchable"], read, { refetchInterval: 5000 });
  const all = pages.data?.pages ?? [];
  const rooms = all.flatMap((page) => page.rooms);
  const untold = all.reduce((sum, page) => sum + page.not_told, 0);
  return (
    <>
      <div className="stack stack-s">
        <PageTitle>{t("live.title")}</PageTitle>
        <p className="soft">{t("live.words")}</p>
      </div>
      {pages.error ? <Problem error={pages.error} onAgain={() => void pages.refetch()} /> : null}
      {pages.isPending ? <Loading>{t("app.loading")}</Loading> : null}
      {pages.data && !rooms.length ? <p className="card">{t("live.empty")}</p> : null}
      <div className="rooms">
        {rooms.map((room, place) => (
          <Tile
            key={room.session_id}
            room={room}
            joins={place < JOINED_AT_ONCE}
            heard={heard === room.session_id}
            skew_ms={skew_ms}
            mayMark={judges(me)}
            onHear={(on) => setHeard(on ? room.session_id : null)}
          />
        ))}
      </div>
      {untold ? <p className="soft">{t("live.not_told", { count: untold })}</p> : null}
      <MoreButton pages={pages} />
    </>
  );
}
