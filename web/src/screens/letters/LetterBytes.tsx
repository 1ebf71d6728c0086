import type { DeadLetterView } from "../../api/types";
import { RawBytes } from "../../components/RawBytes";
import { bytesPerRow, faultOf, hexRows, letterBytes } from "../../logic/deadLetters";
import { t } from "../../text";

/// Bytes as received with the fault marked: as text where they are text, else eight to a line.
export function LetterBytes({ letter }: { letter: DeadLetterView }) {
    if (letter.is_text) return <RawBytes text={letter.text} faulty={faultOf(letter)} copy={letter.text} />;
    const rows = hexRows(letterBytes(letter), letter.column === undefined ? undefined : letter.column - 1);
    return (
        <div className="raw hex" role="img" aria-label={t("letters.hex", { n: letter.bytes })}>
            <pre>
                {rows.map((row) => (
                    <div key={row.place}>
                        <span className="third">{row.place}</span>{"  "}
                        {row.cells.map((cell, index) => (
                            <span key={index}>{row.marked === index ? <mark>{cell}</mark> : cell} </span>
                        ))}
                        {"   ".repeat(bytesPerRow - row.cells.length)}{" "}
                        <span className="second">{row.text}</span>
                    </div>
                ))}
            </pre>
        </div>
    );
}
