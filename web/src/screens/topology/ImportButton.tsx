import { useRef, useState } from "react";
import { ApiError, post } from "../../api/client";
import type { InventoryReport } from "../../api/types";
import { ErrorNote } from "../../components/states";
import { number } from "../../format";
import { mayCommand, usePrincipal } from "../../state/session";
import { t, type Key } from "../../text";

/// A CSV file of sites or links: what it would change is shown first, and written on a second word.
export function ImportButton({ onWritten }: { onWritten: () => void }) {
    const principal = usePrincipal();
    const field = useRef<HTMLInputElement>(null);
    const [file, setFile] = useState<File>();
    const [report, setReport] = useState<InventoryReport>();
    const [error, setError] = useState<ApiError>();
    if (!mayCommand(principal)) return null;
    const send = async (chosen: File, dry: boolean) => {
        try {
            setReport(await post<InventoryReport>(`/inventory/import?dry_run=${dry}&file=${encodeURIComponent(chosen.name.slice(0, 60))}`, chosen));
            setError(undefined);
            if (!dry) onWritten();
        } catch (cause) {
            if (cause instanceof ApiError) setError(cause);
        }
    };
    const close = () => {
        setFile(undefined);
        setReport(undefined);
        setError(undefined);
        if (field.current) field.current.value = "";
    };
    return (
        <span className="import">
            <input
                ref={field}
                type="file"
                accept=".csv,text/csv"
                hidden
                onChange={(event) => {
                    const chosen = event.target.files?.[0];
                    if (!chosen) return;
                    setFile(chosen);
                    void send(chosen, true);
                }}
            />
            <button className="button" onClick={() => field.current?.click()}>
                {t("import.title")}
            </button>
            {(report || error) && (
                <div className="menu import-report" role="status">
                    {error && <ErrorNote title={t("import.failed")} error={error} />}
                    {report && (
                        <p className="strong">
                            {t(report.dry_run ? "import.dry" : "import.done", { kind: t(`import.${report.kind}` as Key), changed: number(report.changed), unchanged: number(report.unchanged) })}
                        </p>
                    )}
                    {report && report.problems.length > 0 && (
                        <ul>
                            {report.problems.slice(0, 8).map((problem) => (
                                <li key={`${problem.line}/${problem.column}/${problem.reason}`} className="meta">
                                    {t("import.problem", { line: number(problem.line), column: problem.column, reason: problem.reason })}
                                </li>
                            ))}
                        </ul>
                    )}
                    <p className="proposal-buttons">
                        {report?.dry_run && report.changed > 0 && file && (
                            <button className="button primary" onClick={() => void send(file, false)}>
                                {t("import.write")}
                            </button>
                        )}
                        <button className="button" onClick={close}>
                            {t("import.cancel")}
                        </button>
                    </p>
                </div>
            )}
        </span>
    );
}
