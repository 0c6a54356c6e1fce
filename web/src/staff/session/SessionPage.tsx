/** One interview, live and afterwards. The recording plays on while one looks from transcript to report and back. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useLocation, useParams, useSearchParams } from "react-router";

import { sentence } from "../../texts/sentences";
import { Meter, PageTitle } from "../../ui/parts";
import { incidents, outline, readSession, type Session, transcript } from "../data";
import { Loaded, StatusBadge, useWho } from "../parts";
import { useTexts } from "../texts";
import { Actions } from "./Actions";
import { Incidents } from "./Incidents";
import { Overview } from "./Overview";
import { PlayerBar } from "./PlayerBar";
import { Preparation } from "./Preparation";
import { Report } from "./Report";
import { Review } from "./review/Review";
import { Timeline } from "./Timeline";
import { Transcript } from "./Transcript";
import { usePlayer } from "./usePlayer";

const TABS = ["overview", "preparation", "transcript", "report", "incidents", "review", "history"];
/** So long after its end the last turns, and the last of the recording, may still be on their way. */
const SETTLES_MS = 60_000;
const LIVE = ["QUEUED", "IN_PROGRESS", "PAUSED"];
const OPEN = ["INITIALIZED", ...LIVE];

export default function SessionPage() {
  const { id = "" } = useParams();
  const session = useQuery({
    queryKey: ["session", id],
    queryFn: () => readSession(id),
    // asked for, not streamed: a browser has six connections to one server, and one may watch more interviews than that
    refetchInterval: (query) => (OPEN.includes(query.state.data?.status ?? "") ? 3000 : 30_000),
  });
  return <Loaded query={session}>{(data) => <Whole key={data.session_id} session={data} />}</Loaded>;
}

function Whole({ session }: { session: Session }) {
  const { t } = useTexts();
  const id = session.session_id;
  const live = LIVE.includes(session.status);
  const began = session.status !== "INITIALIZED" && session.status !== "DELETED";
  const often = () => live || Date.now() - Date.parse(session.ended_at ?? "") < SETTLES_MS ? 4000 : (false as const);
  const { hash } = useLocation();
  const linked = /^#turn-(\d+)$/.exec(hash)?.[1];
  const [shown, setShown] = useState<number | null>(linked ? Number(linked) : null);
  const [tab, setTab] = useTab(linked ? "transcript" : "overview");
  const said = useQuery({ queryKey: ["transcript", id], queryFn: () => transcript(id), enabled: began, refetchInterval: often });
  const filed = useQuery({ queryKey: ["incidents", id], queryFn: () => incidents(id), enabled: began, refetchInterval: often });
  // while it goes on the recording grows: it is listened to afterwards
  const recorded = useQuery({ queryKey: ["outline", id], queryFn: () => outline(id), enabled: began && !live, retry: false, refetchInterval: often });
  const duration_s = recorded.data?.duration_s ?? 0;
  const player = usePlayer(id, duration_s);
  const first = said.data?.turns[0]?.started_at ?? session.created_at;
  const zero = Date.parse(recorded.data?.started_at ?? first);
  const last = said.data?.turns.at(-1)?.ended_at ?? first;
  const whole_s = duration_s || (Date.parse(last) - zero) / 1000;
  const playAt = recorded.data ? (at: number) => player.play(Math.max(0, (at - zero) / 1000)) : null;
  const show = (seq: number) => {
    setShown(seq);
    setTab("transcript");
  };
  const number = filed.data?.incidents.length ?? 0;
  return (
    <>
      <div className="spread">
        <div className="stack stack-s">
          <div className="row">
            <PageTitle>{session.user_details?.name ?? t("sessions.erased")}</PageTitle>
            <StatusBadge status={session.status} />
          </div>
          <p className="soft">{session.user_details?.email}</p>
        </div>
        <Actions session={session} />
      </div>
      {began ? (
        <Meter label={t("sessions.answered", { answered: session.progress.answered, total: session.progress.total })} percent={session.progress.percent} />
      ) : null}
      {recorded.data ? <PlayerBar player={player} duration_s={duration_s} /> : null}
      <Tabs selectedKey={tab} onSelectionChange={(key) => setTab(String(key))}>
        <TabList className="tabs" aria-label={session.user_details?.name ?? ""}>
          <Tab className="tab" id="overview">{t("session.overview")}</Tab>
          <Tab className="tab" id="preparation" isDisabled={session.status === "DELETED"}>{t("session.preparation")}</Tab>
          <Tab className="tab" id="transcript" isDisabled={!began}>{t("session.transcript")}</Tab>
          <Tab className="tab" id="report" isDisabled={!began}>{t("session.report")}</Tab>
          <Tab className="tab" id="incidents" isDisabled={!began}>{`${t("session.incidents")}${number ? ` (${number})` : ""}`}</Tab>
          <Tab className="tab" id="review" isDisabled={!began}>{t("session.review")}</Tab>
          <Tab className="tab" id="history">{t("session.history")}</Tab>
        </TabList>
        <TabPanel className="tab-panel stack" id="overview">
          <Overview session={session} />
        </TabPanel>
        <TabPanel className="tab-panel stack" id="preparation">
          <Preparation session={session} />
        </TabPanel>
        <TabPanel className="tab-panel stack" id="transcript">
          <Loaded query={said}>
            {(data) => (
              <>
                <Timeline
                  turns={data.turns}
                  incidents={filed.data?.incidents ?? []}
                  gaps={recorded.data?.gaps ?? []}
                  zero={zero}
                  duration_s={whole_s}
                  position={player.position}
                  onPlay={(seconds) => recorded.data && player.play(seconds)}
                />
                <Transcript
                  turns={data.turns}
                  corrections={data.corrections}
                  zero={zero}
                  position={player.position}
                  playing={player.playing}
                  shown={shown}
                  onPlay={recorded.data ? player.play : null}
                  corrects={!live}
                />
              </>
            )}
          </Loaded>
        </TabPanel>
        <TabPanel className="tab-panel stack" id="report">
          <Report session={session} onPlay={playAt} onShow={show} onScore={() => setTab("review")} />
        </TabPanel>
        <TabPanel className="tab-panel stack" id="incidents">
          <Loaded query={filed}>{(data) => <Incidents incidents={data.incidents} onPlay={playAt} />}</Loaded>
        </TabPanel>
        <TabPanel className="tab-panel stack" id="review">
          <Review session={session} />
        </TabPanel>
        <TabPanel className="tab-panel stack" id="history">
          <History session={session} />
        </TabPanel>
      </Tabs>
    </>
  );
}

/** The open tab is in the address, so that a link leads to it and a page that is loaded anew stays there. */
function useTab(first: string): [string, (tab: string) => void] {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("tab") ?? "";
  return [TABS.includes(asked) ? asked : first, (tab) => setSearch({ tab }, { replace: true })];
}

function History({ session }: { session: Session }) {
  const { t, moment, maybe, language } = useTexts();
  const who = useWho(session.owner_id);
  const name = (by: string) => {
    const [kind = "", id = ""] = by.split(":");
    return kind === "user" ? who(id) : maybe(`by.${kind}`, by);
  };
  return (
    <ol className="card stack stack-s">
      {session.history.map((one) => (
        <li key={one.at + one.target} className="row">
          <span className="small soft number">{moment(one.at)}</span>
          <StatusBadge status={one.target} />
          <span className="small">{[one.by && name(one.by), one.reason && sentence(one.reason, language)].filter(Boolean).join(": ") || t("app.none")}</span>
        </li>
      ))}
    </ol>
  );
}
