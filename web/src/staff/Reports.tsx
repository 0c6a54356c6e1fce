/** Reports that are not ready yet: those that were given up first, each with its reason and another chance. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { Button, PageTitle } from "../ui/parts";
import { readSession } from "./data";
import { Loaded } from "./parts";
import { reportQueue, type Version } from "./reviewing";
import { detailOf, GivenUp, VersionBadge } from "./session/ReportVersions";
import { useTexts } from "./texts";

const SHOWN = 25;

export default function Reports() {
  const { t } = useTexts();
  const [shown, setShown] = useState(SHOWN);
  const queue = useQuery({ queryKey: ["report-queue"], queryFn: reportQueue, refetchInterval: 10_000 });
  return (
    <>
      <PageTitle>{t("reports.title")}</PageTitle>
      <Loaded query={queue}>
        {({ reports, more }) => (
          <>
            {reports.length ? null : <p className="card">{t("reports.empty")}</p>}
            {reports.slice(0, shown).map((one) => (
              <One key={one.session_id + String(one.version)} version={one} />
            ))}
            {reports.length > shown ? (
              <div>
                <Button look="quiet" onPress={() => setShown(shown + SHOWN)}>
                  {t("app.more")}
                </Button>
              </div>
            ) : null}
            {more && reports.length <= shown ? <p className="soft">{t("reports.further")}</p> : null}
          </>
        )}
      </Loaded>
    </>
  );
}

function One({ version }: { version: Version }) {
  const { t, moment } = useTexts();
  const id = version.session_id;
  const session = useQuery({ queryKey: ["session", id], queryFn: () => readSession(id), staleTime: 60_000 });
  return (
    <article className="card">
      <div className="spread">
        <h2>
          <Link to={`/app/sessions/${id}?tab=report`}>{session.data?.user_details?.name ?? id.slice(0, 8)}</Link>
        </h2>
        <div className="row">
          <VersionBadge version={version} />
          <span className="small soft">
            {t("report.version", { version: version.version })} · {moment(version.queued_at)}
          </span>
        </div>
      </div>
      {version.status === "failed" ? <GivenUp session_id={id} version={version} /> : <p className="small">{detailOf(version.stands)}</p>}
    </article>
  );
}
