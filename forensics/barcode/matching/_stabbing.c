/* Levels of groups of records by k-mers side by side, and the bounds of their records by all: part of
 * _bounds.c, which says what they are.
 */

/* -- what a count says ------------------------------------------------------------------- */

/* Of k-mers that a record shorter than the query lacks, some lie at bases that stick out: at most
 * n - length + edits, at each end for K bases one, rounded up. The others are edits. */
static Py_ssize_t of_shorter(Py_ssize_t lacking, Py_ssize_t n, Py_ssize_t length)
{
    Py_ssize_t value = K * lacking - (n - length + 2 * (K - 1));
    return value <= 0 ? 0 : (value + K) / (K + 1);
}

/* Return the greatest bound of a record, placed whole, that is listed. */
static inline Py_ssize_t limit_of(const Strand *strand, Py_ssize_t record)
{
    Py_ssize_t limit = (Py_ssize_t)(strand->limits.rate * strand->index.lengths[record] + ROUNDING);
    return limit < strand->limits.whole ? limit : strand->limits.whole;
}

/* Whether all records of a group are shorter than the query. */
static inline int is_short(const Strand *strand, Py_ssize_t group)
{
    return (group + 1) * GROUP * 64 <= strand->limits.longer;
}

/* Return the bound of partial overlaps of at most so many bases, stated over the whole query. */
static inline Py_ssize_t of_part(const Strand *strand, Py_ssize_t value, Py_ssize_t bases,
                                 Py_ssize_t record)
{
    Py_ssize_t length = (Py_ssize_t)strand->index.lengths[record]; /* no more can be compared */
    bases = length < bases ? length : bases;
    return bases > 0 ? (value < 0 ? 0 : value) * strand->query.length / bases : 0;
}

/* -- levels: k-mers side by side --------------------------------------------------------- */

static void set_levels(Strand *strand, Py_ssize_t chunk, Py_ssize_t width, int placement)
{
    const Limits *limits = &strand->limits;
    Work *work = strand->work;
    Py_ssize_t hidden = ((Py_ssize_t)1 << strand->index.hidden_planes) - 1;
    Py_ssize_t n = strand->query.length, limit = placement == WHOLE ? limits->whole : limits->part;
    for (Py_ssize_t w = 0; w < width; w += GROUP) {
        const Windows *windows = &strand->windows[(chunk + w) / GROUP];
        Py_ssize_t record = (chunk + w) << 6, value = least_of(&work->sum, w, width, work->valid);
        if (value < 0)
            continue;
        Py_ssize_t end = record + GROUP * 64;
        value = value < hidden ? 0 : value - hidden;
        record = record < limits->first ? limits->first : record;
        if (placement == WHOLE && record < limits->longer)
            value = of_shorter(value, n, (Py_ssize_t)strand->index.lengths[record]);
        if (placement == WHOLE && is_short(strand, (chunk + w) / GROUP) && value > limit_of(strand, end - 1))
            value = NONE;
        if (placement == WHOLE && windows->width) { /* both are bounds */
            Py_ssize_t within = strand->level[WHOLE][(chunk + w) / GROUP];
            value = within > value ? within : value;
            strand->level[WHOLE][(chunk + w) / GROUP] = NONE;
        }
        if (placement != WHOLE) /* by the longest of the group */
            value = of_part(strand, value, n, end <= strand->index.size ? end - 1 : strand->index.size - 1);
        if (value <= limit)
            strand->level[placement][(chunk + w) / GROUP] = (uint16_t)value;
    }
}

/* In a long query most pieces that a record has lie where the record does not. A record that is placed whole costs
 * no more edits than its limit, so its place is no longer than the record by more than these; of windows longer than
 * that by the gap between them, one holds it, and what the record lacks there is a bound as in a query of that length.
 *
 * Lay the windows of a chunk, unless the query is no longer than one; return their width, or 0. */
static Py_ssize_t lay_windows(Strand *strand, Py_ssize_t chunk, Py_ssize_t width)
{
    Py_ssize_t group = chunk / GROUP, end = group;
    while (end < group + (width + GROUP - 1) / GROUP && is_short(strand, end))
        end++;
    Py_ssize_t last = end * GROUP * 64 - 1;
    if (end == group || last < strand->limits.first)
        return 0;
    Py_ssize_t most = (Py_ssize_t)strand->index.lengths[last] + limit_of(strand, last) + strand->gap - 1;
    most = (most + strand->gap - 1) / strand->gap * strand->gap;
    if (most >= strand->query.length)
        return 0;
    for (; group < end; group++)
        strand->windows[group] = (Windows){-1, -1, most};
    return most;
}

/* Note what the groups of a chunk lack in the window that begins at a base. */
static void count_window(Strand *strand, Py_ssize_t chunk, Py_ssize_t width, Py_ssize_t begin)
{
    Work *work = strand->work;
    Py_ssize_t hidden = ((Py_ssize_t)1 << strand->index.hidden_planes) - 1;
    combine(&work->sum, &work->counts, &work->mark[begin / strand->gap % MARKS], work->shown,
            strand->index.hidden_planes, width);
    for (Py_ssize_t w = 0; w < width; w += GROUP) {
        Py_ssize_t record = (chunk + w) << 6, value = least_of(&work->sum, w, width, work->valid);
        Windows *windows = &strand->windows[(chunk + w) / GROUP];
        uint16_t *level = &strand->level[WHOLE][(chunk + w) / GROUP];
        if (!windows->width || value < 0)
            continue;
        Py_ssize_t most = limit_of(strand, record + GROUP * 64 - 1), left = strand->query.length - begin;
        record = record < strand->limits.first ? strand->limits.first : record;
        value = of_shorter(value < hidden ? 0 : value - hidden, windows->width < left ? windows->width : left,
                           (Py_ssize_t)strand->index.lengths[record]);
        if (value > most)
            continue;
        windows->first = windows->first < 0 ? begin : windows->first;
        windows->last = begin;
        *level = value < *level ? (uint16_t)value : *level;
    }
}

/* Find the level of every group. */
FOR_EACH_PROCESSOR
static int find_levels(Strand *strand)
{
    const Index *index = &strand->index;
    const Query *query = &strand->query;
    const Limits *limits = &strand->limits;
    Work *work = strand->work;
    Py_ssize_t from = limits->first / (64 * CHUNK) * CHUNK, n = query->length;
    const void *present[8];
    uint64_t every[CHUNK];
    memset(every, 0xff, sizeof every);
    for (Py_ssize_t chunk = from; chunk < index->words; chunk += CHUNK) {
        Py_ssize_t width = index->words - chunk < CHUNK ? index->words - chunk : CHUNK;
        int ready = 0, right = 0, left = 0;
        Py_ssize_t in_windows = lay_windows(strand, chunk, width), begin = 0; /* of the next to be counted */
        work->counts.used = work->before.used = 0;
        for (Py_ssize_t w = 0; w < width; w++) {
            Py_ssize_t record = (chunk + w) << 6, end = index->size - record;
            work->valid[w] = end < 64 ? ((uint64_t)1 << end) - 1 : ~(uint64_t)0;
            if (record < limits->first)
                work->valid[w] &= limits->first - record > 63 ? 0 : ~(uint64_t)0 << (limits->first - record);
        }
        for (int plane = 0; plane < index->hidden_planes; plane++)
            read_shown(index, plane, chunk, width, work->shown[plane]);
        for (Py_ssize_t place = 0;; place += K) {
            int last = place >= query->kmers;
            int to_right = !right && (last || place + K > limits->least);
            int to_left = !left && (last || place >= n - limits->least);
            int to_mark = in_windows && place % strand->gap == 0;
            if (ready == 8 || (ready && (last || to_right || to_left || to_mark))) {
                while (ready < 8)
                    present[ready++] = every;
                count_eight(&work->counts, present, width);
                ready = 0;
            }
            if (to_right && limits->least < n) { /* all pieces in the first bases are counted */
                combine(&work->sum, &work->counts, NULL, work->shown, index->hidden_planes, width);
                set_levels(strand, chunk, width, RIGHT);
            }
            if (to_left) { /* none in the last bases is */
                copy_counters(&work->before, &work->counts);
            }
            for (; in_windows && (last || begin + in_windows == place) && begin + in_windows < n + strand->gap;
                 begin += strand->gap)
                count_window(strand, chunk, width, begin);
            if (to_mark)
                copy_counters(&work->mark[place / strand->gap % MARKS], &work->counts);
            right |= to_right;
            left |= to_left;
            if (last)
                break;
            int32_t kmer = query->codes[place];
            if (kmer < 0)
                continue;
            present[ready] = presence(index, (uint32_t)kmer, chunk, width,
                                      work->row[ready], &strand->next[PIECES][place / K]);
            if (!present[ready++])
                return 0;
        }
        if (limits->least < n) {
            combine(&work->sum, &work->counts, &work->before, work->shown, index->hidden_planes, width);
            set_levels(strand, chunk, width, LEFT);
        }
        combine(&work->sum, &work->counts, NULL, work->shown, index->hidden_planes, width);
        set_levels(strand, chunk, width, WHOLE);
    }
    return 1;
}

/* -- bounds: k-mers at every place ------------------------------------------------------- */

/* Tell the bounds of a placement from the stabs so far, over `end` bases of the query. The stabs of
 * a record are counted from the most hidden k-mers that a record has less its own. */
static void checkpoint(Strand *strand, const uint32_t *group, int count, uint16_t *bound,
                       Py_ssize_t next_end)
{
    const Index *index = &strand->index;
    const Limits *limits = &strand->limits;
    const Counters *stabs = &strand->work->counts;
    Py_ssize_t n = strand->query.length, hidden = ((Py_ssize_t)1 << index->hidden_planes) - 1;
    for (Py_ssize_t w = 0; w < count * GROUP; w++) {
        Py_ssize_t base = ((Py_ssize_t)group[w / GROUP] * GROUP + w % GROUP) << 6, most, limit;
        if (base + 63 < limits->first || base >= index->size)
            continue;
        if (!next_end && strand->windows[group[w / GROUP]].width)
            continue; /* stabbed in windows */
        if (next_end) { /* a partial overlap of at most next_end bases; see bounds.py */
            limit = limits->part;
            most = ((limit + 1) * next_end - 1) / n;
        } else {
            Py_ssize_t shortest = base < limits->first ? limits->first : base;
            most = limit = limits->whole;
            if (base + 63 < limits->longer)
                most = limit = limit_of(strand, base + 63);
            if (shortest < limits->longer)
                most = ((K + 1) * most + n - (Py_ssize_t)index->lengths[shortest]) / K + 3;
        }
        for (uint64_t mask = at_most(stabs, w, most + hidden); mask; mask &= mask - 1) {
            int bit = lowest_bit(mask);
            Py_ssize_t record = base + bit, value;
            if (record < limits->first || record >= index->size)
                continue;
            value = read_counter(stabs, w, bit) - hidden;
            if (next_end)
                value = of_part(strand, value, next_end, record);
            else if (record < limits->longer)
                value = of_shorter(value, n, (Py_ssize_t)index->lengths[record]);
            value = value < 0 ? 0 : value;
            if (value <= limit && value < bound[w * 64 + bit])
                bound[w * 64 + bit] = (uint16_t)value;
        }
    }
}

/* Stab the k-mers from the left (or, turned, from the right) end of the query. */
FOR_EACH_PROCESSOR
static int stab(Strand *strand, const uint32_t *group, int count, int turned)
{
    const Index *index = &strand->index;
    const Query *query = &strand->query;
    Work *work = strand->work;
    uint64_t ring[RING][CHUNK], blocked[CHUNK], hits[CHUNK];
    uint32_t *next = places_from(strand, turned ? TURNED : FROM_LEFT, group[0], group[count - 1]);
    Py_ssize_t n = query->length, least = strand->limits.least, end = least;
    Py_ssize_t step = (n - least) / (CHECKPOINTS - 1) + 1, width = count * GROUP;
    memset(ring, 0, sizeof ring);
    memset(blocked, 0, sizeof blocked);
    memset(hits, 0, sizeof hits);
    work->counts.used = index->hidden_planes;
    for (int plane = 0; plane < index->hidden_planes; plane++)
        for (int i = 0; i < count; i++)
            read_shown(index, plane, (Py_ssize_t)group[i] * GROUP, GROUP,
                       work->counts.plane[plane] + i * GROUP);
    for (Py_ssize_t t = 0, since = 0, number = 0;; t += STRIDE, number++) {
        int last = t >= query->kmers;
        while (end < n && (last || t + K > end)) { /* all k-mers of `end` bases are counted */
            Py_ssize_t next_end = end + step < n ? end + step : n;
            count_up(&work->counts, 0, hits, width);
            memset(hits, 0, sizeof hits);
            since = 0;
            checkpoint(strand, group, count, work->bound[1], next_end);
            end = next_end;
        }
        if (last || (turned && end >= n))
            break;
        Py_ssize_t place = turned ? query->kmers - 1 - t : t;
        Py_ssize_t later = turned ? place - AHEAD * STRIDE : place + AHEAD * STRIDE;
        uint64_t *new = ring[number % RING], *old = ring[(number + 1) % RING];
        if (later >= 0 && later < query->kmers && query->codes[later] >= 0)
            fetch(index, (uint32_t)query->codes[later], group, count, next[later]);
        if (query->codes[place] < 0)
            memset(new, 0, sizeof ring[0]);
        else {
            if (!gather(index, work, (uint32_t)query->codes[place], group, count, &next[place]))
                return 0;
            for (Py_ssize_t w = 0; w < width; w++)
                new[w] = ~(work->present[w] | blocked[w]);
        }
        for (Py_ssize_t w = 0; w < width; w++) {
            hits[w] |= new[w];
            blocked[w] = (blocked[w] | new[w]) ^ old[w]; /* hits lie K bases apart or further */
        }
        if (++since == RING) { /* among so many in a row there is at most one hit */
            count_up(&work->counts, 0, hits, width);
            memset(hits, 0, sizeof hits);
            since = 0;
        }
    }
    if (!turned) {
        count_up(&work->counts, 0, hits, width);
        checkpoint(strand, group, count, work->bound[0], 0);
    }
    return 1;
}

/* Tell the bounds of records by what they lack in the window that begins at a base. */
static void check_window(Strand *strand, const uint32_t *group, int count, Py_ssize_t begin, Py_ssize_t bases)
{
    const Limits *limits = &strand->limits;
    const uint32_t *lengths = strand->index.lengths;
    Work *work = strand->work;
    Py_ssize_t hidden = ((Py_ssize_t)1 << strand->index.hidden_planes) - 1, left = strand->query.length - begin;
    bases = bases < left ? bases : left;
    combine(&work->sum, &work->counts, &work->mark[begin / strand->gap % MARKS], work->shown,
            strand->index.hidden_planes, count * GROUP);
    for (Py_ssize_t w = 0; w < count * GROUP; w++) {
        Py_ssize_t base = ((Py_ssize_t)group[w / GROUP] * GROUP + w % GROUP) << 6;
        if (base + 63 < limits->first)
            continue;
        Py_ssize_t limit = limit_of(strand, base + 63), shortest = base < limits->first ? limits->first : base;
        Py_ssize_t most = ((K + 1) * limit + bases - (Py_ssize_t)lengths[shortest]) / K + 3;
        for (uint64_t mask = at_most(&work->sum, w, most + hidden); mask; mask &= mask - 1) {
            int bit = lowest_bit(mask);
            Py_ssize_t value = read_counter(&work->sum, w, bit) - hidden;
            uint16_t *bound = &work->bound[0][w * 64 + bit];
            if (base + bit < limits->first)
                continue;
            value = of_shorter(value, bases, (Py_ssize_t)lengths[base + bit]);
            if (value <= limit && value < *bound)
                *bound = (uint16_t)value;
        }
    }
}

/* Stab the k-mers of the query in the windows in which some groups lack few pieces. Stabbed k-mers lie side by side,
 * so those within a window are a bound of their own. */
FOR_EACH_PROCESSOR
static int stab_windows(Strand *strand, const uint32_t *group, int count)
{
    const Index *index = &strand->index;
    const Query *query = &strand->query;
    Work *work = strand->work;
    uint64_t ring[RING][CHUNK], blocked[CHUNK], hits[CHUNK];
    uint32_t *next = places_from(strand, IN_WINDOWS, group[0], group[count - 1]);
    Windows all = strand->windows[group[0]];
    Py_ssize_t width = count * GROUP;
    for (int i = 1; i < count; i++) { /* a longer window holds what the one that begins there does */
        const Windows *own = &strand->windows[group[i]];
        all.first = own->first < all.first ? own->first : all.first;
        all.last = own->last > all.last ? own->last : all.last;
        all.width = own->width > all.width ? own->width : all.width;
    }
    memset(ring, 0, sizeof ring);
    memset(blocked, 0, sizeof blocked);
    memset(hits, 0, sizeof hits);
    work->counts.used = 0;
    for (int plane = 0; plane < index->hidden_planes; plane++)
        for (int i = 0; i < count; i++)
            read_shown(index, plane, (Py_ssize_t)group[i] * GROUP, GROUP, work->shown[plane] + i * GROUP);
    for (Py_ssize_t place = all.first, begin = place, since = 0, number = 0;; place += STRIDE, number++) {
        int last = place >= query->kmers, to_mark = place % strand->gap == 0;
        int to_check = last || begin + all.width == place + K - STRIDE; /* its last k-mer is counted */
        if (to_mark || to_check || since == RING) { /* among RING in a row there is at most one hit */
            count_up(&work->counts, 0, hits, width);
            memset(hits, 0, sizeof hits);
            since = 0;
        }
        for (; to_check && begin <= all.last; begin += strand->gap) {
            check_window(strand, group, count, begin, all.width);
            to_check = last;
        }
        if (begin > all.last || last)
            return 1;
        if (to_mark)
            copy_counters(&work->mark[place / strand->gap % MARKS], &work->counts);
        Py_ssize_t later = place + AHEAD * STRIDE;
        uint64_t *new = ring[number % RING], *old = ring[(number + 1) % RING];
        if (later < query->kmers && query->codes[later] >= 0)
            fetch(index, (uint32_t)query->codes[later], group, count, next[later]);
        if (query->codes[place] < 0)
            memset(new, 0, sizeof ring[0]);
        else {
            if (!gather(index, work, (uint32_t)query->codes[place], group, count, &next[place]))
                return 0;
            for (Py_ssize_t w = 0; w < width; w++)
                new[w] = ~(work->present[w] | blocked[w]);
        }
        for (Py_ssize_t w = 0; w < width; w++) {
            hits[w] |= new[w];
            blocked[w] = (blocked[w] | new[w]) ^ old[w];
        }
        since++;
    }
}

#define AT_ONCE 16 /* pieces of a record that are looked up before they are counted */

static inline uint32_t lacks(const Query *query, uint32_t kmer)
{
    return ~(uint32_t)query->has[kmer >> 3] >> (kmer & 7) & 1;
}

/* Return the pieces of a record, and how long that is; NULL if the index is damaged. */
static const uint16_t *pieces_of(const Index *index, Py_ssize_t record, Py_ssize_t *length)
{
    const uint64_t *starts = index->starts;
    if (starts[record] > starts[record + 1] || starts[record + 1] > starts[index->size])
        return NULL;
    *length = (Py_ssize_t)(starts[record + 1] - starts[record]);
    return index->pieces + starts[record] / K + record;
}

/* Stab the k-mers of a record that the query lacks, for its bound when it is placed whole in the
 * query; NONE above the limit, -1 if the index is damaged. */
static int32_t stab_record(const Strand *strand, Py_ssize_t record, Py_ssize_t limit)
{
    const Query *query = &strand->query;
    Py_ssize_t length, hits = -strand->limits.codes;
    const uint16_t *piece = pieces_of(&strand->index, record, &length);
    if (!piece)
        return -1;
    /* First the pieces side by side, as they exclude most; of those that are not plain none is told. */
    Py_ssize_t odd = *piece++, left = odd < UINT16_MAX ? length / K : 0;
    for (hits -= odd; left && hits <= limit;)
        for (Py_ssize_t end = left > AT_ONCE ? left - AT_ONCE : 0; left > end; left--)
            hits += lacks(query, *piece++);
    if (hits > limit)
        return NONE;
    const char *bases = strand->index.bases + strand->index.starts[record];
    hits = -strand->limits.codes;
    for (Py_ssize_t place = 0; place + K <= length && hits <= limit;) {
        uint32_t hit = lacks(query, read_bits(bases + place));
        hits += hit;
        place += hit ? K : 1; /* the next that is not hit begins there */
    }
    return hits > limit ? NONE : hits < 0 ? 0 : (int32_t)hits;
}

static int list_record(Lists *lists, uint32_t record, Py_ssize_t bound)
{
    if (lists->count == lists->room) {
        Py_ssize_t room = lists->room * 2 + 64;
        uint32_t *more = realloc(lists->record, (size_t)room * sizeof *more);
        if (!more)
            return 0;
        lists->record = more;
        more = realloc(lists->next, (size_t)room * sizeof *more);
        if (!more)
            return 0;
        lists->next = more;
        lists->room = room;
    }
    lists->record[lists->count] = record;
    lists->next[lists->count] = lists->head[bound];
    lists->head[bound] = (uint32_t)++lists->count;
    return 1;
}

/* Tell those of a batch that have a bound; 0 if the index is damaged, -1 without memory. */
static int list_batch(Strand *strand, const uint32_t *group, int count, int placement)
{
    const uint16_t *bounds = strand->work->bound[placement != WHOLE];
    for (int i = 0; i < count * GROUP * 64; i++) {
        while (i % 4 == 0 && i < count * GROUP * 64 && word_of(bounds + i, 0) == ~(uint64_t)0)
            i += 4; /* NONE, four times */
        if (i == count * GROUP * 64)
            break;
        if (bounds[i] == NONE)
            continue;
        Py_ssize_t level = strand->level[placement][group[i / (GROUP * 64)]], value = bounds[i];
        uint32_t slot = group[i / (GROUP * 64)] * GROUP * 64 + (uint32_t)i % (GROUP * 64);
        uint32_t record = strand->index.order[slot];
        if ((Py_ssize_t)record >= strand->index.size)
            return 0;
        value = level != NONE && level > value ? level : value; /* both are bounds */
        if (placement == WHOLE && (Py_ssize_t)slot < strand->limits.longer)
            record |= UNSURE;
        if (!list_record(&strand->lists[placement], record, value))
            return -1;
    }
    return 1;
}

/* Raise the bounds of records shorter than the query, listed with so many edits, to those by their own
 * k-mers; take out those that are not wanted. */
static int make_sure(Strand *strand, Lists *lists, Py_ssize_t edits, Wanted *wanted, const void *search)
{
    const Index *index = &strand->index;
    uint32_t *from = &lists->head[edits];
    while (*from) {
        uint32_t place = *from - 1, record = lists->record[place];
        if (wanted && record & UNSURE && !wanted(search, record & ~UNSURE, edits))
            *from = lists->next[place];
        else
            from = &lists->next[place];
    }
    from = &lists->head[edits];
    int ahead = 0;
    for (uint32_t later = *from; *from; ahead--) {
        for (; later && ahead < RECORDS_AHEAD; ahead++, later = lists->next[later - 1])
            if (lists->record[later - 1] & UNSURE) {
                Py_ssize_t length;
                const uint16_t *pieces = pieces_of(index, lists->record[later - 1] & ~UNSURE, &length);
                for (Py_ssize_t at = 0; pieces && at <= length / K; at += CACHE_LINE / 2)
                    prefetch(pieces + at);
            }
        uint32_t place = *from - 1, *record = &lists->record[place];
        if (*record & UNSURE) {
            *record &= ~UNSURE;
            int32_t own = stab_record(strand, *record, limit_of(strand, *record));
            if (own < 0)
                return 0;
            if (own > edits) {
                *from = lists->next[place];
                if (own != NONE) {
                    lists->next[place] = lists->head[own];
                    lists->head[own] = place + 1;
                }
                continue;
            }
        }
        from = &lists->next[place];
    }
    return 1;
}

/* Whether a group is to be stabbed in a way: its level is not above the horizon. */
static int is_due(const Strand *strand, Py_ssize_t group, int way)
{
    Py_ssize_t horizon = strand->horizon, most = horizon;
    if (is_short(strand, group)) /* in shorter records so many edits are too many */
        most = limit_of(strand, (group + 1) * GROUP * 64 - 1);
    int whole = strand->level[WHOLE][group] <= (most < horizon ? most : horizon);
    int in_windows = strand->windows[group].width > 0;
    if (strand->stabbed[way][group])
        return 0;
    if (way == TURNED)
        return strand->level[LEFT][group] <= horizon;
    return way == IN_WINDOWS ? whole && in_windows
                             : (whole && !in_windows) || strand->level[RIGHT][group] <= horizon;
}

/* Stab some groups in a way, and list their records. */
static int stab_batch(Strand *strand, const uint32_t *group, int count, int way)
{
    memset(strand->work->bound, 0xff, sizeof strand->work->bound);
    place_rows(strand->work, group, count);
    if (!(way == IN_WINDOWS ? stab_windows(strand, group, count) : stab(strand, group, count, way == TURNED)))
        return 0;
    int fine = way == IN_WINDOWS ? 1 : list_batch(strand, group, count, way == TURNED ? LEFT : RIGHT);
    return fine > 0 && way != TURNED ? list_batch(strand, group, count, WHOLE) : fine;
}

/* Stab the groups whose level is not above the horizon, which is raised. */
static int stab_up_to(Strand *strand, Py_ssize_t horizon)
{
    uint32_t batch[WAYS][BATCH];
    int count[WAYS] = {0};
    strand->horizon = horizon;
    for (Py_ssize_t group = 0; group <= strand->groups; group++)
        for (int way = 0; way < WAYS; way++) {
            if (group < strand->groups && is_due(strand, group, way)) {
                strand->stabbed[way][group] = 1;
                batch[way][count[way]++] = (uint32_t)group;
            }
            if (count[way] < BATCH && (group < strand->groups || !count[way]))
                continue;
            int fine = stab_batch(strand, batch[way], count[way], way);
            if (fine <= 0)
                return fine;
            count[way] = 0;
        }
    return 1;
}

Py_ssize_t kernel_stab_short(const Strand *strand, Py_ssize_t record, Py_ssize_t limit)
{
    int32_t bound = stab_record(strand, record, limit);
    return bound == NONE ? limit + 1 : bound;
}
