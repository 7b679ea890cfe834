"""The measures of labelcast eval again, frame by frame, by nothing of labelcast: one frame is one unit of time.

Reads a list of cases from standard input and writes their results to standard output, both JSON. A case of segments is
{"clips": [{"length", "labels": [{"found": [[start, end, confirmed]], "truth": [[start, end]], "optional": [[start, end]]}]}]};
segments of a side do not overlap. Matching and edit score are those of MS-TCN (Farha & Gall 2019, arXiv 1903.01945), on
frames, with off as a state of the edit score. A case of scores is {"labels": [{"scores", "positive"}]}.
"""

import json
import sys

import numpy as np
from sklearn.metrics import average_precision_score

OVERLAPS = (0.1, 0.25, 0.5)


def states_of(spans, length):
    """Frame -> number of the span that covers it; -1: none."""
    states = [-1] * length
    for number, (start, end, *_) in enumerate(spans):
        for frame in range(start, min(end, length)):
            states[frame] = number
    return states


def runs_of(states, judged):
    """Stretches of judged frames that are covered, as lists of frames."""
    runs, last = [], None
    for place, frame in enumerate(judged):
        if states[frame] < 0:
            continue
        if last is not None and last == place - 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
        last = place
    return runs


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        before, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (one != other)))
    return row[-1]


def collapsed(runs, judged):
    on = {frame for run in runs for frame in run}
    flags = [frame in on for frame in judged]
    return [flag for n, flag in enumerate(flags) if n == 0 or flag != flags[n - 1]]


def without_remnants(runs, truth, spans, states, judged, length):
    def is_remnant(number):
        start, end, *_ = spans[number]
        covered = sum(1 for frame in judged if states[frame] == number)
        return 2 * covered <= min(end, length) - start

    true_frames = {frame for run in truth for frame in run}
    return [
        run
        for run in runs
        if true_frames.intersection(run) or not all(is_remnant(states[frame]) for frame in run)
    ]


def hits_of(found, truth, overlap):
    """True run -> the found run that hits it."""
    hits = {}
    for run in found:
        ious = [len(set(run) & set(one)) / len(set(run) | set(one)) for one in truth]
        best = int(np.argmax(ious)) if ious else 0
        if ious and ious[best] >= overlap and best not in hits:
            hits[best] = run
    return hits


def measure_segments(clips):
    totals = dict.fromkeys(("surplus", "judged", "found", "truth", "false", "length"), 0)
    hits, edits, latencies, errors = [0] * len(OVERLAPS), [], [], []
    for clip in clips:
        length = clip["length"]
        totals["length"] += length
        for label in clip["labels"]:
            holes = states_of(label["optional"], length)
            judged = [frame for frame in range(length) if holes[frame] < 0]
            totals["judged"] += len(judged)
            true_states = states_of(label["truth"], length)
            truth = runs_of(true_states, judged)
            states = states_of(label["found"], length)
            found = runs_of(states, judged)
            found = without_remnants(found, truth, label["found"], states, judged, length)
            if not found and not truth:
                continue
            mine, right = collapsed(found, judged), collapsed(truth, judged)
            totals["surplus"] += max(0, len(mine) - len(right))
            edits.append(100 * (1 - levenshtein(mine, right) / max(len(mine), len(right))))
            totals["found"] += len(found)
            totals["truth"] += len(truth)
            for n, overlap in enumerate(OVERLAPS):
                hits[n] += len(hits_of(found, truth, overlap))
            for number, run in hits_of(found, truth, OVERLAPS[0]).items():
                onset, confirmed = truth[number][0], label["found"][states[run[0]]][2]
                if onset > 0 and true_states[onset - 1] >= 0:
                    continue  # it began in optional time
                errors.append(abs(run[0] - onset))
                if confirmed is not None:
                    latencies.append(max(confirmed, run[0]) - onset)
            true_frames = {frame for run in truth for frame in run}
            totals["false"] += sum(
                1
                for run in found
                if not true_frames.intersection(run) and run[0] == label["found"][states[run[0]]][0]
            )
    f1 = [ratio(2 * count, totals["found"] + totals["truth"]) for count in hits]
    return {
        "clips": len(clips),
        "durationMs": totals["length"],
        "flicker": ratio(totals["surplus"], totals["judged"] / 60_000),
        "f1": {"at10": f1[0], "at25": f1[1], "at50": f1[2]},
        "editScore": float(np.mean(edits)) if edits else None,
        "onsetLatency": spread(latencies),
        "startError": spread(errors),
        "falseStartsPerHour": ratio(totals["false"], totals["length"] / 3_600_000),
        "foundSegments": totals["found"],
        "trueSegments": totals["truth"],
        "missedSegments": totals["truth"] - hits[0],
    }


def ratio(above, below):
    return above / below if below else None


def spread(times):
    if not times:
        return {"medianMs": None, "p95Ms": None}
    return {"medianMs": float(np.percentile(times, 50)), "p95Ms": float(np.percentile(times, 95))}


def measure_scores(labels):
    precisions = [
        average_precision_score(label["positive"], label["scores"])
        for label in labels
        if sum(label["positive"]) >= 3 and not all(label["positive"])
    ]
    return {"mean": float(np.mean(precisions)) if precisions else None, "labels": len(precisions)}


def measure(case):
    return measure_segments(case["clips"]) if "clips" in case else measure_scores(case["labels"])


json.dump([measure(case) for case in json.load(sys.stdin)], sys.stdout)
