/* Who of the records of an index has a k-mer, a bit each, and counters of 64 records a word: part of
 * _bounds.c. Every offset, count and number of the index is checked before it is followed.
 */

/* -- reading the index ------------------------------------------------------------------- */

/* Whether the entry of a k-mer lies within the data. */
static int sound(const Index *index, uint32_t kmer)
{
    const Table *table = &index->all;
    Py_ssize_t words = (index->size + 31) >> 5, count = table->counts[kmer];
    if (count > index->size)
        return 0;
    if (count > words)
        count = words;
    return (Py_ssize_t)table->offsets[kmer] <= table->length - count;
}

/* Return who of the records of a chunk has a k-mer, a bit each: where the index has it so, or in
 * `row`. `next` remembers the place in a list. */
static const void *presence(const Index *index, uint32_t kmer, Py_ssize_t first, Py_ssize_t width,
                            uint64_t *row, uint32_t *next)
{
    const Table *table = &index->all;
    Py_ssize_t words = (index->size + 31) >> 5, start = first * 2;
    uint32_t count = table->counts[kmer];
    const uint32_t *entry = table->data + table->offsets[kmer];
    if ((Py_ssize_t)count > words && words - start >= width * 2)
        return entry + start;
    memset(row, 0, (size_t)width * 8);
    if ((Py_ssize_t)count > words) {
        memcpy(row, entry + start, (size_t)(words - start) * 4);
        return row;
    }
    uint64_t low = (uint64_t)first * 64, high = low + (uint64_t)width * 64;
    for (; *next < count && entry[*next] < high; ++*next) {
        uint32_t record = entry[*next];
        if (record < low || (Py_ssize_t)record >= index->size)
            return NULL;
        row[(record - low) >> 6] |= (uint64_t)1 << (record & 63);
    }
    return row;
}

/* Return the first place from `place` on whose entry is `low` or more, in a list that ascends. */
static uint32_t seek(const uint32_t *entry, uint32_t place, uint32_t count, uint32_t low)
{
    uint32_t step = 1, end = place;
    while (end < count && entry[end] < low) {
        place = end + 1;
        end = count - end > step ? end + step : count;
        step *= 2;
    }
    while (place < end) {
        uint32_t middle = place + (end - place) / 2;
        if (entry[middle] < low)
            place = middle + 1;
        else
            end = middle;
    }
    return place;
}

/* Return the places in lists, as they were left by the groups before some, or anew. */
static uint32_t *places_from(Strand *strand, int which, Py_ssize_t first, Py_ssize_t last)
{
    if (first <= strand->since[which])
        memset(strand->next[which], 0, ((size_t)strand->query.kmers + 1) * sizeof(uint32_t));
    strand->since[which] = last;
    return strand->next[which];
}

/* Note which row each of some groups has, if they lie so close together that it is quicker to read lists on than to
 * seek in them; what lies between goes into a row of its own. */
static void place_rows(Work *work, const uint32_t *group, int count)
{
    work->span = group[count - 1] - group[0] + 1;
    if (work->span > CLOSE)
        work->span = 0;
    memset(work->row_of, count, sizeof work->row_of);
    for (int i = 0; work->span && i < count; i++)
        work->row_of[group[i] - group[0]] = (uint8_t)i;
}

/* Fill `present` with who of the records of some groups, ascending, has a k-mer; `next` as above. */
static inline int gather(const Index *index, Work *work, uint32_t kmer, const uint32_t *group, int count,
                         uint32_t *next)
{
    uint64_t *row = work->present;
    const Table *table = &index->all;
    Py_ssize_t words = (index->size + 31) >> 5;
    uint32_t having = table->counts[kmer], place;
    const uint32_t *entry = table->data + table->offsets[kmer];
    if ((Py_ssize_t)having > words) {
        for (int i = 0; i < count; i++, row += GROUP) {
            Py_ssize_t start = (Py_ssize_t)group[i] * GROUP * 2;
            if (words - start >= GROUP * 2)
                memcpy(row, entry + start, GROUP * 8);
            else { /* the last one */
                memset(row, 0, GROUP * 8);
                memcpy(row, entry + start, (size_t)(words - start) * 4);
            }
        }
        return 1;
    }
    memset(row, 0, (size_t)count * GROUP * 8);
    place = seek(entry, *next, having, group[0] * GROUP * 64);
    for (; work->span && place < having; place++) {
        uint32_t record = entry[place], at = record / (GROUP * 64) - group[0];
        if (at >= work->span)
            break;
        if ((Py_ssize_t)record >= index->size)
            return 0;
        row[work->row_of[at] * GROUP + record / 64 % GROUP] |= (uint64_t)1 << (record & 63);
    }
    for (int i = 0; !work->span && i < count && place < having; i++, row += GROUP) {
        uint32_t low = group[i] * GROUP * 64;
        place = seek(entry, place, having, low);
        for (; place < having && entry[place] - low < GROUP * 64; place++) {
            if (entry[place] < low || (Py_ssize_t)entry[place] >= index->size)
                return 0;
            row[(entry[place] - low) >> 6] |= (uint64_t)1 << (entry[place] & 63);
        }
    }
    *next = place;
    return 1;
}

static inline void fetch(const Index *index, uint32_t kmer, const uint32_t *group, int count, uint32_t next)
{
    Py_ssize_t words = (index->size + 31) >> 5;
    const uint32_t *entry = index->all.data + index->all.offsets[kmer];
    if ((Py_ssize_t)index->all.counts[kmer] > words)
        for (int i = 0; i < count; i++) { /* mostly one line of the cache, else two */
            prefetch(entry + (Py_ssize_t)group[i] * GROUP * 2);
            prefetch(entry + (Py_ssize_t)group[i] * GROUP * 2 + GROUP * 2 - 1);
        }
    else if (next < index->all.counts[kmer])
        prefetch(entry + next);
}

/* Bitmaps in the index are aligned to 4 bytes alone. */
static inline uint64_t word_of(const void *bitmap, Py_ssize_t word)
{
    uint64_t bits;
    memcpy(&bits, (const char *)bitmap + word * 8, sizeof bits);
    return bits;
}

/* Fill a row with so many words, from a place on, of a bit plane of the hidden k-mers of records: what is
 * left to the most that the planes can hold. */
static void read_shown(const Index *index, int plane, Py_ssize_t word, Py_ssize_t width, uint64_t *row)
{
    Py_ssize_t whole = (index->size + 7) >> 3, here = whole - (word << 3);
    here = here < width << 3 ? here : width << 3;
    memset(row, 0, (size_t)width << 3);
    if (here > 0)
        memcpy(row, index->hidden + plane * whole + (word << 3), (size_t)here);
    for (Py_ssize_t w = 0; w < width; w++)
        row[w] = ~row[w];
}

/* -- counting ---------------------------------------------------------------------------- */

/* Add a bit of the weight of a plane to each counter; `carry` is used up. */
static inline void count_up(Counters *counters, int level, uint64_t *carry, Py_ssize_t width)
{
    for (; level < PLANES; level++) {
        uint64_t *plane = counters->plane[level], left = 0;
        while (level >= counters->used)
            memset(counters->plane[counters->used++], 0, sizeof counters->plane[level]);
        for (Py_ssize_t w = 0; w < width; w++) {
            uint64_t both = plane[w] & carry[w];
            plane[w] ^= carry[w];
            carry[w] = both;
            left |= both;
        }
        if (!left)
            return;
    }
}

static void copy_counters(Counters *to, const Counters *from)
{
    to->used = from->used;
    memcpy(to->plane, from->plane, (size_t)from->used * sizeof from->plane[0]);
}

/* Two of three bits that are added, and their sum in the first. */
#define ADD(sum, x, y, carry)                   \
    do {                                        \
        uint64_t half = sum ^ (x), other = (y); \
        carry = (sum & (x)) | (half & other);   \
        sum = half ^ other;                     \
    } while (0)

/* Count the records that lack each of eight k-mers. */
static inline void count_eight(Counters *counters, const void *const *present, Py_ssize_t width)
{
    uint64_t carry[CHUNK];
    uint64_t *one = counters->plane[0], *two = counters->plane[1], *four = counters->plane[2];
    while (counters->used < 3)
        memset(counters->plane[counters->used++], 0, sizeof counters->plane[0]);
    for (Py_ssize_t w = 0; w < width; w++) {
        uint64_t a = one[w], b = two[w], c = four[w], two0, two1, four0, four1;
        ADD(a, ~word_of(present[0], w), ~word_of(present[1], w), two0);
        ADD(a, ~word_of(present[2], w), ~word_of(present[3], w), two1);
        ADD(b, two0, two1, four0);
        ADD(a, ~word_of(present[4], w), ~word_of(present[5], w), two0);
        ADD(a, ~word_of(present[6], w), ~word_of(present[7], w), two1);
        ADD(b, two0, two1, four1);
        ADD(c, four0, four1, carry[w]);
        one[w] = a;
        two[w] = b;
        four[w] = c;
    }
    count_up(counters, 3, carry, width);
}

/* sum = counts - before + shown, where no difference is negative; `before` may be NULL. */
static inline void combine(Counters *sum, const Counters *counts, const Counters *before,
                           uint64_t shown[][CHUNK], int planes, Py_ssize_t width)
{
    uint64_t borrow[CHUNK], carry[CHUNK];
    memset(borrow, 0, sizeof borrow);
    memset(carry, 0, sizeof carry);
    sum->used = (counts->used > planes ? counts->used : planes) + 1;
    for (int level = 0; level < sum->used; level++)
        for (Py_ssize_t w = 0; w < width; w++) {
            uint64_t x = level < counts->used ? counts->plane[level][w] : 0;
            uint64_t y = before && level < before->used ? before->plane[level][w] : 0;
            uint64_t s = level < planes ? shown[level][w] : 0, half = x ^ y;
            x = half ^ borrow[w];
            borrow[w] = (y & half) | (borrow[w] & ~half);
            ADD(x, s, carry[w], carry[w]);
            sum->plane[level][w] = x;
        }
}

/* Return the least counter of a group among some records; -1 if there is none. */
static Py_ssize_t least_of(const Counters *counters, Py_ssize_t word, Py_ssize_t end,
                           const uint64_t *valid)
{
    uint64_t among[GROUP] = {0}, any = 0;
    Py_ssize_t value = 0, count = end - word < GROUP ? end - word : GROUP;
    for (Py_ssize_t w = 0; w < count; w++)
        any |= among[w] = valid[word + w];
    if (!any)
        return -1;
    for (int level = counters->used - 1; level >= 0; level--) {
        const uint64_t *plane = counters->plane[level] + word;
        any = 0;
        for (Py_ssize_t w = 0; w < count; w++)
            any |= among[w] & ~plane[w];
        if (!any)
            value |= (Py_ssize_t)1 << level;
        else
            for (Py_ssize_t w = 0; w < count; w++)
                among[w] &= ~plane[w];
    }
    return value;
}

static uint64_t at_most(const Counters *counters, Py_ssize_t word, Py_ssize_t most)
{
    uint64_t above = 0, same = ~(uint64_t)0;
    if (most < 0)
        return 0;
    if (most >> counters->used)
        return same;
    for (int level = counters->used - 1; level >= 0; level--) {
        uint64_t bits = counters->plane[level][word];
        if (most >> level & 1)
            same &= bits;
        else {
            above |= same & bits;
            same &= ~bits;
        }
    }
    return ~above;
}

static Py_ssize_t read_counter(const Counters *counters, Py_ssize_t word, int bit)
{
    Py_ssize_t value = 0;
    for (int level = 0; level < counters->used; level++)
        value |= (Py_ssize_t)(counters->plane[level][word] >> bit & 1) << level;
    return value;
}

/* Read eight counters from a bit on. */
static inline void read_counters(const Counters *counters, Py_ssize_t word, int bit, uint32_t *eight)
{
    uint64_t bytes[PLANES / 8] = {0}; /* a byte of each counter, eight planes */
    for (int level = 0; level < counters->used; level++) {
        uint64_t bits = (counters->plane[level][word] >> bit & 255) * 0x0101010101010101u & 0x8040201008040201u;
        bytes[level / 8] |= ((bits + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u) << level % 8;
    }
    for (int i = 0; i < 8; i++) {
        eight[i] = 0;
        for (int part = 0; part < PLANES / 8; part++)
            eight[i] |= (uint32_t)(bytes[part] >> 8 * i & 255) << 8 * part;
    }
}
