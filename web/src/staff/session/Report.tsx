/** The report, in any of its versions: where it stands, what it says, and as a file. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button, Loading, Notice } from "../../ui/parts";
import type { Session } from "../data";
import { Loaded } from "../parts";
import { ownScores, report, versions } from "../reviewing";
import { useTexts } from "../texts";
import { contentOf } from "./content";
import { Content, type ContentProps } from "./ReportContent";
import { isSettled, ReportVersions } from "./ReportVersions";

interface ReportProps extends Pick<ContentProps, "onPlay" | "onShow"> {
  session: Session;
  /** Leads to where one gives one's own scores. */
  onScore: () => void;
}

export function Report({ session, onPlay, onShow, onScore }: ReportProps) {
  const { t } = useTexts();
  const id = session.session_id;
  const [chosen, setChosen] = useState<number | null>(null);
  const listed = useQuery({
    queryKey: ["report-versions", id],
    queryFn: () => versions(id),
    refetchInterval: (query) => (isSettled(query.state.data?.versions) ? false : 4000),
  });
  const newest = listed.data?.versions[0];
  const readable = listed.data?.versions.some((one) => one.readable) ?? false;
  // read again whenever the newest has moved, and not in between: each reading is in the audit log
  const read = useQuery({
    queryKey: ["report", id, chosen, newest?.version, newest?.status],
    queryFn: () => report(id, chosen),
    enabled: readable,
    placeholderData: (before) => before,
  });
  const own = useQuery({ queryKey: ["own-scores", id], queryFn: () => ownScores(id), enabled: readable });
  return (
    <Loaded query={listed}>
      {(list) => {
        if (!newest) return <p className="card">{t("report.none")}</p>;
        return (
          <>
            <ReportVersions session_id={id} versions={list.versions} chosen={chosen} onChoose={setChosen} />
            {!readable ? (
              newest.status === "failed" ? null : <Loading>{t("report.making")}</Loading>
            ) : own.data?.withheld ? (
              <Notice tone="warn">
                <p>{t("own.blind")}</p>
                <Button size="small" onPress={onScore}>
                  {t("own.go_there")}
                </Button>
              </Notice>
            ) : (
              <Loaded query={read}>
                {(data) => {
                  const content = contentOf(data.content);
                  if (!content) return <p className="card">{t("report.unreadable")}</p>;
                  return <Content content={content} given={own.data?.given ?? []} owner_id={session.owner_id} onPlay={onPlay} onShow={onShow} />;
                }}
              </Loaded>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
