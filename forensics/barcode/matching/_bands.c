/* A query with many records at once, each in a lane of vectors: part of _compare_many.c.
 *
 * What `compare_whole` and the first step of `compare_part` compute along a band of diagonals (DEFINE_BAND) is computed
 * here for eight records in step, as far as the band is narrow enough. Whatever else there is, and all where
 * there are no vectors, goes to `kernel_compare`.
 */

#if defined(__GNUC__)

typedef uint64_t Vector __attribute__((vector_size(32)));
typedef int64_t Signed __attribute__((vector_size(32)));
#define EACH (LANES / 4) /* vectors of four lanes */

/* The column from which on the last row of a band is the last of all; of what is placed within the query there is none:
 * rows after its last base match nothing, and are no lower. */
static Py_ssize_t last_of_band(const Band *band, Py_ssize_t columns)
{
    return band->within ? columns + 1 : band->inner->length - band->low;
}

/* As DEFINE_BAND, in all lanes. */
FOR_EACH_PROCESSOR
static void in_narrow_lanes(Band *band, Py_ssize_t columns, int anchored)
{
    const Py_ssize_t reached = last_of_band(band, columns), room = band->room;
    const uint64_t *equal = band->equal;
    Vector up[EACH], down[EACH];
    Signed score[EACH], best[EACH], ends[EACH], length[EACH];
    for (int v = 0; v < EACH; v++) {
        const Lane *lane = band->lane + v * 4;
        up[v] = (Vector){0} + (~(uint64_t)0 << (band->within ? WORD - 1 : WORD - 1 - band->low));
        down[v] = anchored ? ~up[v] : (Vector){0};
        score[v] = (Signed){0} + (band->within ? 0 : band->low);
        best[v] = (Signed){lane[0].limit, lane[1].limit, lane[2].limit, lane[3].limit} + 1;
        length[v] = (Signed){lane[0].length, lane[1].length, lane[2].length, lane[3].length};
        ends[v] = (Signed){0};
    }
    for (Py_ssize_t column = 0; column < columns; column++, equal++) {
        int at = (int)(WORD - 1 - (column + 1 - reached));
        for (int v = 0; v < EACH; v++) {
            const uint32_t *at_code = band->at + v * 4 * room + column;
            Vector same = {equal[at_code[0]], equal[at_code[room]], equal[at_code[2 * room]],
                           equal[at_code[3 * room]]};
            Vector diagonal = (((same & up[v]) + up[v]) ^ up[v]) | same | down[v];
            Vector right = down[v] | ~(diagonal | up[v]), left = diagonal & up[v];
            if (column < reached)
                score[v] += 1 - (Signed)(diagonal >> (WORD - 1));
            else
                score[v] += (Signed)(right >> at & 1) - (Signed)(left >> at & 1);
            if (column + 1 >= reached) {
                Signed within = length[v] > column, lower = (score[v] < best[v]) & within;
                best[v] = (score[v] & lower) | (best[v] & ~lower);
                ends[v] = (ends[v] & ~lower) - ((score[v] == best[v]) & within);
            }
            diagonal >>= 1;
            up[v] = left | ~(diagonal | right);
            down[v] = diagonal & right;
        }
    }
    memcpy(band->best, band->within ? score : best, sizeof best);
    memcpy(band->ends, ends, sizeof ends);
    memcpy(band->up[0], up, sizeof up);
    memcpy(band->down[0], down, sizeof down);
}

/* The same with a band of two words. */
FOR_EACH_PROCESSOR
static void in_wide_lanes(Band *band, Py_ssize_t columns, int anchored)
{
    const Py_ssize_t reached = last_of_band(band, columns), room = band->room;
    for (int v = 0; v < EACH; v++) {
        const Lane *lane = band->lane + v * 4;
        const uint64_t *equal = band->equal;
        const uint32_t *code = band->at + v * 4 * room;
        const Py_ssize_t above = 2 * WORD - 1 - (band->within ? 0 : band->low); /* bits before the first row */
        Vector up = (Vector){0} + (above < WORD ? ~(uint64_t)0 << above : 0), down = anchored ? ~up : (Vector){0};
        Vector up1 = (Vector){0} + (above < WORD ? ~(uint64_t)0 : ~(uint64_t)0 << (above - WORD));
        Vector down1 = anchored ? ~up1 : (Vector){0};
        Signed score = (Signed){0} + (band->within ? 0 : band->low), ends = {0};
        Signed best = (Signed){lane[0].limit, lane[1].limit, lane[2].limit, lane[3].limit} + 1;
        const Signed length = {lane[0].length, lane[1].length, lane[2].length, lane[3].length};
        for (Py_ssize_t column = 0; column < columns; column++, equal += 2, code++) {
            const uint64_t *of[] = {equal + code[0], equal + code[room], equal + code[2 * room],
                                    equal + code[3 * room]};
            Vector same = {of[0][0], of[1][0], of[2][0], of[3][0]};
            Vector same1 = {of[0][1], of[1][1], of[2][1], of[3][1]};
            Vector both = same & up, sum = both + up, carry = (both | (up & ~sum)) >> (WORD - 1);
            Vector diagonal = (sum ^ up) | same | down;
            Vector diagonal1 = (((same1 & up1) + up1 + carry) ^ up1) | same1 | down1;
            Vector right = down | ~(diagonal | up), left = diagonal & up;
            Vector right1 = down1 | ~(diagonal1 | up1), left1 = diagonal1 & up1;
            if (column < reached)
                score += 1 - (Signed)(diagonal1 >> (WORD - 1));
            else {
                int at = (int)(2 * WORD - 1 - (column + 1 - reached));
                score += at < WORD ? (Signed)(right >> at & 1) - (Signed)(left >> at & 1)
                                   : (Signed)(right1 >> (at - WORD) & 1) - (Signed)(left1 >> (at - WORD) & 1);
            }
            if (column + 1 >= reached) {
                Signed within = length > column, lower = (score < best) & within;
                best = (score & lower) | (best & ~lower);
                ends = (ends & ~lower) - ((score == best) & within);
            }
            diagonal = diagonal >> 1 | diagonal1 << (WORD - 1);
            diagonal1 >>= 1;
            up = left | ~(diagonal | right);
            up1 = left1 | ~(diagonal1 | right1);
            down = diagonal & right;
            down1 = diagonal1 & right1;
        }
        memcpy(band->best + v * 4, band->within ? &score : &best, sizeof best);
        memcpy(band->ends + v * 4, &ends, sizeof ends);
        memcpy(band->up[0] + v * 4, &up, sizeof up);
        memcpy(band->up[1] + v * 4, &up1, sizeof up1);
        memcpy(band->down[0] + v * 4, &down, sizeof down);
        memcpy(band->down[1] + v * 4, &down1, sizeof down1);
    }
}
#endif

/* Where the records lie. */
typedef struct {
    const char *bases;
    Py_ssize_t end, size;
    const uint64_t *offsets;
    Py_ssize_t *aligned; /* alignments so far */
} Records;

/* Compare by itself; 0 if the index is damaged, -1 without memory. */
static int compare_one(Prepared *query, int placement, const Records *records, Comparison *one)
{
    Py_ssize_t length;
    const char *letters = kernel_record(records->bases, records->end, records->offsets, records->size,
                                        one->record, &length);
    if (!letters)
        return 0;
    one->edits = kernel_compare(query, placement, letters, length, one->needed, one->bound, &one->over,
                                records->aligned);
    return one->edits == -3 ? -1 : 1;
}

#if defined(__GNUC__)

/* Write where the codes of a record begin in `equal`. */
FOR_EACH_PROCESSOR
static void write_places(const uint8_t *__restrict codes, Py_ssize_t length, uint32_t each, uint32_t further,
                         uint32_t *__restrict at)
{
    for (Py_ssize_t i = 0; i < length; i++)
        at[i] = codes[i] * each + further;
}

/* Fill in where some codes, a bit each, fit; of what is placed within, after room for what begins before a code. */
static void fill_equal(Band *band, uint32_t used)
{
    Py_ssize_t bits = band->words * WORD;
    for (int code = 0; code < CODES; code++) {
        if (!(used & ~band->filled & 1u << code))
            continue;
        uint64_t *equal = band->equal + (code + band->within) * band->columns * band->words;
        for (Py_ssize_t column = 0; column < band->columns; column++)
            for (int word = 0; word < band->words; word++, equal++) {
                Py_ssize_t row = column + 1 + (band->within ? 0 : band->low) - bits + word * WORD;
                *equal = code == EVERY ? ~(uint64_t)0 : bits_from(band->inner->profile + code, row + PAD);
                if (band->within && code != EVERY && row < 0) /* nothing lies before the first base */
                    *equal = row <= -WORD ? 0 : *equal & ~(uint64_t)0 << -row;
            }
        band->filled |= 1u << code;
    }
}

/* Put what is open into the next lane; 0 if the band has no room for it, -1 without memory. */
static int add_lane(Band *band, const Plan *plan, const Other *other, Comparison *comparison)
{
    const Window *window = &plan->window;
    Py_ssize_t bits = band->words * WORD, length = band->inner->length, within = band->within;
    const uint8_t *codes = within ? other->codes : plan->codes + window->first;
    Py_ssize_t count = within ? other->length : window->length, further = within ? window->first + window->high : 0;
    uint32_t each;
    uint32_t used = 1 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8 | (uint32_t)within << EVERY; /* 0: what was never written, too */
    if ((within ? window->low : band->low) + window->high >= bits || (!within && plan->limit > band->low))
        return 0;
    if (!band->at) { /* no placement in the band ends further on */
        band->columns = within ? length + WIDEST : length + bits - 1 - band->low;
        band->room = within ? length : band->columns;
        band->at = calloc(LANES * (size_t)band->room, sizeof *band->at);
        band->equal = malloc((size_t)((CODES + within) * band->columns * band->words) * sizeof *band->equal);
        if (!band->at || !band->equal)
            return -1;
    }
    if (count > band->room || count + further > band->columns)
        return 0;
    for (Py_ssize_t i = 0; !other->plain && i < count; i++)
        used |= 1u << codes[i];
    fill_equal(band, used);
    each = (uint32_t)(band->columns * band->words);
    write_places(codes, count, each, (uint32_t)within * each + (uint32_t)(further * band->words),
                 band->at + band->count * band->room);
    band->lane[band->count++] = (Lane){comparison, count, plan->limit, plan->fewest, plan->most, window->first};
    return 1;
}

/* Have the records of lanes end with the last column: before each one all rows match, which costs nothing. */
static void end_together(Band *band, int count, Py_ssize_t columns)
{
    uint32_t each = (uint32_t)(band->columns * band->words);
    for (int i = 0; i < count; i++) {
        Py_ssize_t before = columns - band->lane[i].length;
        uint32_t *at = band->at + i * band->room;
        memmove(at + before, at, (size_t)band->lane[i].length * sizeof *at);
        for (Py_ssize_t column = 0; column < columns; column++)
            at[column] = column < before ? (EVERY + 1) * each : at[column] - (uint32_t)(before * band->words);
    }
}

/* The least edits in the last column of a lane, from the score of its last row upwards. */
static int64_t least_within(const Band *band, int lane)
{
    int64_t score = band->best[lane], best = score;
    for (int row = band->words * WORD - 2; row >= 0; row--) {
        score -= (int64_t)(band->up[row / WORD][lane] >> row % WORD & 1);
        score += (int64_t)(band->down[row / WORD][lane] >> row % WORD & 1);
        best = score < best ? score : best;
    }
    return best;
}

/* Compute the lanes of a band, and empty it; 0, -1 as above. */
static int run_lanes(Prepared *query, int placement, const Records *records, Band *band)
{
    void (*in_lanes)(Band *, Py_ssize_t, int) = band->words == 1 ? in_narrow_lanes : in_wide_lanes;
    int64_t best[LANES], ends[LANES];
    Py_ssize_t columns = 0;
    int fine = 1, count = band->count;
    band->count = 0;
    for (int i = count; i < LANES; i++)
        band->lane[i] = (Lane){0};
    for (int i = 0; i < count; i++)
        columns = band->lane[i].length > columns ? band->lane[i].length : columns;
    if (count >= FEW && band->within)
        end_together(band, count, columns);
    if (count >= FEW)
        in_lanes(band, columns, 0);
    for (int i = 0; count >= FEW && band->within && i < count; i++)
        band->best[i] = least_within(band, i);
    memcpy(best, band->best, sizeof best);
    memcpy(ends, band->ends, sizeof ends);
    /* A placement that begins with the record sticks out nowhere; the longest ones to an end do where one does. */
    if (count >= FEW && placement != WHOLE)
        in_lanes(band, columns, 1);
    for (int i = 0; i < count && fine > 0; i++) {
        const Lane *lane = &band->lane[i];
        int found = best[i] <= lane->limit;
        if (count < FEW) {
            fine = compare_one(query, placement, records, lane->comparison);
            continue;
        }
        if (placement == WHOLE)
            lane->comparison->edits = found                        ? (Py_ssize_t)best[i]
                                      : lane->fewest <= lane->most ? lane->fewest
                                                                   : -1;
        else if (found && (lane->first || best[i] != band->best[i] || ends[i] != band->ends[i])) {
            fine = compare_one(query, placement, records, lane->comparison);
            continue;
        }
        ++*records->aligned;
    }
    return fine;
}

static int compare_lanes(Prepared *query, int placement, const Records *records, Comparison *some,
                         Py_ssize_t count, Placed *later)
{
    Py_ssize_t widest = 0, left = 0;
    int fine = 1, turned = placement == LEFT;
    Band *bands = query->bands[placement], *within = query->bands[PLACEMENTS];
    const Inner *inner = placement == WHOLE ? &query->whole : &query->core[turned];
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t most = allowed(some[i].needed, query->whole.length);
        widest = most > widest ? most : widest;
    }
    for (int words = 1; words <= 2; words++) {
        Py_ssize_t low = smaller(smaller(widest, inner->length - 1), words * WORD / 2 - 1);
        if (bands[words - 1].inner && bands[words - 1].low >= low)
            continue;
        free_band(&bands[words - 1]);
        bands[words - 1] = (Band){.inner = inner, .words = words, .low = low};
    }
    for (int words = 1; words <= 2; words++) {
        within[words - 1].inner = &query->whole;
        within[words - 1].words = words;
        within[words - 1].within = 1;
    }
    for (Py_ssize_t i = 0; i < count && fine > 0; i++) {
        Comparison *one = &some[i];
        Plan plan;
        Py_ssize_t length;
        if (i + RECORDS_AHEAD < count)
            fetch_record(records->bases, records->end, records->offsets, records->size, one[RECORDS_AHEAD].record);
        const char *letters = kernel_record(records->bases, records->end, records->offsets, records->size,
                                            one->record, &length);
        if (!letters)
            return 0;
        if (!read_record(query, placement, letters, length, &one->over))
            return -1;
        later[left].letters = NULL;
        if (placement == WHOLE)
            one->edits = plan_whole(query, one->needed, one->bound, 2 * WORD, later + left, &plan);
        else
            one->edits = length < inner->length ? -1 : plan_part(query, turned, one->needed, WORD, &plan);
        if (later[left].letters) {
            later[left].lacking = query->other.plain && length >= query->whole.length ? one->lacking : 0;
            later[left++].number = i;
        }
        if (one->edits != OPEN) {
            *records->aligned += placement == WHOLE || length >= inner->length;
            continue;
        }
        one->edits = -1;
        Band *band = plan.turned ? within : bands;
        int added = add_lane(band, &plan, &query->other, one);
        if (!added)
            added = add_lane(++band, &plan, &query->other, one);
        if (added < 0)
            return -1;
        if (!added && placement == WHOLE) {
            one->edits = place_whole(query, &plan);
            ++*records->aligned;
            fine = one->edits == -3 ? -1 : 1;
        } else if (!added)
            fine = compare_one(query, placement, records, one);
        else if (band->count == LANES)
            fine = run_lanes(query, placement, records, band);
    }
    for (int words = 1; words <= 2 && fine > 0; words++) {
        fine = run_lanes(query, placement, records, &bands[words - 1]);
        if (fine > 0 && placement == WHOLE)
            fine = run_lanes(query, placement, records, &within[words - 1]);
    }
    if (fine > 0 && left >= FEW && !kernel_place_many(query->letters, query->whole.length, later, left))
        return -1;
    for (Py_ssize_t i = 0; i < left && fine > 0; i++) {
        if (left < FEW) {
            --*records->aligned;
            fine = compare_one(query, placement, records, &some[later[i].number]);
        } else if (later[i].edits >= 0)
            some[later[i].number].edits = later[i].edits;
    }
    return fine;
}
#endif

int kernel_compare_some(Prepared *query, int placement, const char *bases, Py_ssize_t end,
                        const uint64_t *offsets, Py_ssize_t size, Comparison *some, Py_ssize_t count,
                        Py_ssize_t *aligned)
{
    const Records records = {bases, end, size, offsets, aligned};
    int fine = 1;
#if defined(__GNUC__)
    if (count >= FEW) {
        Placed *later = malloc((size_t)(count + 1) * sizeof *later);
        fine = later ? compare_lanes(query, placement, &records, some, count, later) : -1;
        free(later);
        return fine;
    }
#endif
    for (Py_ssize_t i = 0; i < count && fine > 0; i++)
        fine = compare_one(query, placement, &records, &some[i]);
    return fine;
}
