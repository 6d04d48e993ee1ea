/* How many edits every haplotype of an index costs at least: forensics.barcode.matching.bounds
 * in C. Optional; without it the bounds of forensics.barcode.matching.planes stand in, and the
 * answers are the same, because a bound only decides what is aligned.
 *
 * Stabbing. Every edit of a placement touches k-mers of the query that share one base; a k-mer
 * that no edit touches occurs in the record, or one of the record's IUPAC codes hides it. So the
 * edits and the codes together are at least the fewest bases that hit all k-mers of the query that
 * the record lacks. For pieces of one length the fewest are found from one end: take the last base
 * of the first piece that is not hit yet, and go on. Here 64 records go at once, a bit each.
 *
 * The index is a stranger's file: every offset, count and number is checked before it is used.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000 /* one build for Python 3.11 and later */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(_MSC_VER)
#include <intrin.h>
static int lowest_bit(uint64_t bits)
{
    unsigned long place;
    _BitScanForward64(&place, bits);
    return (int)place;
}
#else
#define lowest_bit __builtin_ctzll
#endif

#define K 8                   /* length of the k-mers; the same as index.K */
#define KMERS (1u << 2 * K)
#define CHUNK 64              /* words of 64 records that are counted together: fits the cache */
#define PLANES 24             /* of the counters; 2**24 edits are more than any sequence has */
#define CHECKPOINTS 8
#define NONE UINT16_MAX       /* beyond the limit */

typedef struct {
    const uint32_t *counts, *offsets, *data;
    Py_ssize_t length; /* of the data, in units of 4 bytes */
} Table;

typedef struct {
    Py_ssize_t size;   /* haplotypes */
    Py_ssize_t words;  /* of 64 bits for a bit each */
    Table all, cut;
    const uint32_t *lengths;
    const uint8_t *ambiguous, *totals; /* bit planes */
    int ambiguous_planes, totals_planes;
} Index;

typedef struct {
    const char *bases;
    Py_ssize_t length, kmers;
    int32_t *codes;    /* of the k-mer at each place, -1 where it holds an IUPAC code */
} Query;

/* -- reading the index ------------------------------------------------------------------- */

static int counter(const uint8_t *planes, int count, Py_ssize_t size, Py_ssize_t record)
{
    Py_ssize_t width = (size + 7) >> 3;
    int value = 0;
    for (int plane = 0; plane < count; plane++)
        value |= (planes[plane * width + (record >> 3)] >> (record & 7) & 1) << plane;
    return value;
}

/* Whether the entry of a k-mer lies within the data. */
static int sound(const Index *index, const Table *table, uint32_t kmer)
{
    Py_ssize_t words = (index->size + 31) >> 5, count = table->counts[kmer];
    if (count > index->size)
        return 0;
    if (count > words)
        count = words;
    return (Py_ssize_t)table->offsets[kmer] <= table->length - count;
}

/* Return who of the records of a chunk has a k-mer, a bit each: where the index has it so, or in
 * `row`. `next` remembers the place in a list. */
static const void *presence(const Index *index, const Table *table, uint32_t kmer,
                            Py_ssize_t first, Py_ssize_t width, uint64_t *row, uint32_t *next)
{
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

/* Bitmaps in the index are aligned to 4 bytes alone. */
static inline uint64_t word_of(const void *bitmap, Py_ssize_t word)
{
    uint64_t bits;
    memcpy(&bits, (const char *)bitmap + word * 8, sizeof bits);
    return bits;
}

/* -- counting ---------------------------------------------------------------------------- */

/* Counters of a chunk: bit j of all of them in plane j. */
typedef struct {
    uint64_t plane[PLANES][CHUNK];
    int used;
} Counters;

static inline void count_up(Counters *counters, uint64_t *carry, Py_ssize_t width)
{
    for (int level = 0; level < PLANES; level++) {
        uint64_t *plane = counters->plane[level], left = 0;
        if (level == counters->used) {
            memset(plane, 0, sizeof counters->plane[level]);
            counters->used++;
        }
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

/* -- one strand of a query --------------------------------------------------------------- */

typedef struct {
    Py_ssize_t least, first, longer; /* as in search._Query */
    Py_ssize_t codes;                /* IUPAC codes of the query */
    Py_ssize_t whole, part;          /* limits: bounds above them are not told */
} Limits;

/* The stabs of a record are counted from the most IUPAC codes that a record has less its own, so
 * that all are read and compared alike. */
typedef struct {
    const void **present; /* of every k-mer of the query who has it */
    uint64_t *rows;       /* of CHUNK words each, for those that lists tell */
    uint32_t *next;
    uint64_t shown[PLANES][CHUNK]; /* planes of the most IUPAC codes less those of each record */
    Counters stabs;
    uint16_t *bound[3];  /* whole, right, left */
} Work;

static void lower(uint16_t *bound, Py_ssize_t value, Py_ssize_t limit)
{
    if (value <= limit && value < *bound)
        *bound = (uint16_t)value;
}

/* Tell the bounds of a placement from the stabs so far, over `end` bases of the query. */
static void checkpoint(const Index *index, const Query *query, const Limits *limits, Work *work,
                       Py_ssize_t chunk, Py_ssize_t width, uint16_t *bound, Py_ssize_t next_end)
{
    Py_ssize_t n = query->length, codes = ((Py_ssize_t)1 << index->ambiguous_planes) - 1, most;
    if (next_end) /* a partial overlap of at most next_end bases; see bounds.py */
        most = ((limits->part + 1) * next_end - 1) / n;
    else {
        most = limits->whole;
        if (limits->first < limits->longer)
            most = ((K + 1) * most + n - (Py_ssize_t)index->lengths[limits->first]) / K + 3;
    }
    for (Py_ssize_t w = 0; w < width; w++) {
        uint64_t mask = at_most(&work->stabs, w, most + codes);
        Py_ssize_t base = (chunk + w) << 6;
        if (!mask || base + 63 < limits->first || base >= index->size)
            continue;
        for (; mask; mask &= mask - 1) {
            int bit = lowest_bit(mask);
            Py_ssize_t record = base + bit, value;
            if (record < limits->first || record >= index->size)
                continue;
            value = read_counter(&work->stabs, w, bit) - codes;
            if (next_end)
                lower(&bound[record], (value < 0 ? 0 : value) * n / next_end, limits->part);
            else {
                if (record < limits->longer) {
                    /* At most n - length + edits bases of the query stick out of a shorter record.
                     * Hits of their k-mers are no edits: at each end one for K bases, rounded up. */
                    Py_ssize_t outside = n - (Py_ssize_t)index->lengths[record] + 2 * (K - 1);
                    value = K * value - outside;
                    value = value <= 0 ? 0 : (value + K) / (K + 1);
                }
                lower(&bound[record], value < 0 ? 0 : value, limits->whole);
            }
        }
    }
}

/* With AVX2 where the processor has it: whichever is built in, one wheel serves all. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

/* Stab the k-mers from the left (or, turned, from the right) end of the query. */
FOR_EACH_PROCESSOR
static void stab(const Index *index, const Query *query, const Limits *limits, Work *work,
                 Py_ssize_t chunk, Py_ssize_t width, int turned)
{
    uint64_t ring[K][CHUNK], blocked[CHUNK], hits[CHUNK];
    Py_ssize_t n = query->length, least = limits->least, step = (n - least) / (CHECKPOINTS - 1) + 1;
    Py_ssize_t end = least;
    uint16_t *partial = work->bound[turned ? 2 : 1];
    memset(ring, 0, sizeof ring);
    memset(blocked, 0, sizeof blocked);
    memset(hits, 0, sizeof hits);
    work->stabs.used = index->ambiguous_planes;
    memcpy(work->stabs.plane, work->shown, (size_t)work->stabs.used * sizeof work->shown[0]);
    for (Py_ssize_t t = 0, since = 0;; t++) {
        int last = t >= query->kmers;
        while (end < n && (last || t + K > end)) { /* all k-mers of `end` bases are counted */
            Py_ssize_t next_end = end + step < n ? end + step : n;
            count_up(&work->stabs, hits, width);
            memset(hits, 0, sizeof hits);
            since = 0;
            checkpoint(index, query, limits, work, chunk, width, partial, next_end);
            end = next_end;
        }
        if (last || (turned && end >= n))
            break;
        Py_ssize_t place = turned ? query->kmers - 1 - t : t;
        uint64_t *new = ring[t % K], *old = ring[(t + 1) % K];
        if (query->codes[place] < 0)
            memset(new, 0, sizeof ring[0]);
        else {
            const void *present = work->present[place];
            for (Py_ssize_t w = 0; w < width; w++)
                new[w] = ~(word_of(present, w) | blocked[w]);
        }
        for (Py_ssize_t w = 0; w < width; w++) {
            hits[w] |= new[w];
            blocked[w] = (blocked[w] | new[w]) ^ old[w]; /* hits lie K apart or further */
        }
        if (++since == K) { /* among K places in a row there is at most one hit */
            count_up(&work->stabs, hits, width);
            memset(hits, 0, sizeof hits);
            since = 0;
        }
    }
    if (!turned) {
        count_up(&work->stabs, hits, width);
        checkpoint(index, query, limits, work, chunk, width, work->bound[0], 0);
    }
}

/* Whether some record may hold the end of the query: of all hits, those of its first bases are no
 * more than one in K of them. On the wrong strand this spares the second count. */
static int may_overlap(const Index *index, const Query *query, const Limits *limits,
                       const Work *work, Py_ssize_t width)
{
    Py_ssize_t codes = ((Py_ssize_t)1 << index->ambiguous_planes) - 1;
    Py_ssize_t first = (query->length - limits->least + K - 1) / K;
    for (Py_ssize_t w = 0; w < width; w++)
        if (at_most(&work->stabs, w, limits->part + first + codes))
            return 1;
    return 0;
}

/* Raise the bounds of records shorter than the query by the k-mers, cut side by side, that it
 * lacks: each of them costs an edit. */
static int cut_bounds(const Index *index, const Query *query, const Limits *limits,
                      Py_ssize_t end, uint16_t *bound)
{
    Py_ssize_t words = (index->size + 31) >> 5, told = 0;
    uint8_t *seen = calloc(KMERS / 8, 1);
    uint16_t *shared = calloc((size_t)end + 1, sizeof *shared);
    uint32_t *asked = calloc((size_t)words, sizeof *asked);
    int fine = seen && shared && asked;
    for (Py_ssize_t record = 0; fine && record < end; record++)
        if (bound[record] != NONE) {
            asked[record >> 5] |= (uint32_t)1 << (record & 31);
            told++;
        }
    if (!told)
        goto done;
    for (Py_ssize_t place = 0; fine && place < query->kmers; place++) {
        int32_t kmer = query->codes[place];
        if (kmer < 0 || seen[kmer >> 3] >> (kmer & 7) & 1)
            continue;
        seen[kmer >> 3] |= 1 << (kmer & 7);
        if (!sound(index, &index->cut, kmer)) {
            fine = 0;
            break;
        }
        Py_ssize_t count = index->cut.counts[kmer];
        const uint32_t *entry = index->cut.data + index->cut.offsets[kmer];
        if (count > words) {
            for (Py_ssize_t word = 0; word < words && word * 32 < end; word++)
                for (uint32_t bits = entry[word] & asked[word]; bits; bits &= bits - 1)
                    shared[word * 32 + lowest_bit(bits)]++;
        } else
            for (Py_ssize_t i = 0; i < count && (Py_ssize_t)entry[i] < end; i++)
                shared[entry[i]]++;
    }
    for (Py_ssize_t record = 0; fine && record < end; record++) {
        if (bound[record] == NONE)
            continue;
        Py_ssize_t value = counter(index->totals, index->totals_planes, index->size, record) -
                           shared[record] - limits->codes;
        if (value > limits->whole)
            bound[record] = NONE;
        else if (value > bound[record])
            bound[record] = (uint16_t)value;
    }
done:
    free(seen);
    free(shared);
    free(asked);
    return fine;
}

static int all_bounds(const Index *index, const Query *query, const Limits *limits, Work *work)
{
    for (Py_ssize_t place = 0; place < query->kmers; place++)
        if (query->codes[place] >= 0 && !sound(index, &index->all, query->codes[place]))
            return 0;
    for (Py_ssize_t chunk = limits->first >> 6; chunk < index->words; chunk += CHUNK) {
        Py_ssize_t width = index->words - chunk < CHUNK ? index->words - chunk : CHUNK;
        for (int plane = 0; plane < index->ambiguous_planes; plane++) {
            Py_ssize_t whole = (index->size + 7) >> 3, here = whole - (chunk << 3);
            here = here < width << 3 ? here : width << 3;
            memset(work->shown[plane], 0, sizeof work->shown[plane]);
            memcpy(work->shown[plane], index->ambiguous + plane * whole + (chunk << 3), (size_t)here);
            for (Py_ssize_t w = 0; w < width; w++)
                work->shown[plane][w] ^= ~(uint64_t)0; /* of 2**planes - 1 it is the rest */
        }
        for (Py_ssize_t place = 0; place < query->kmers; place++) {
            int32_t kmer = query->codes[place];
            if (kmer < 0)
                continue;
            if (chunk == limits->first >> 6) /* lists begin before the first chunk */
                while (work->next[place] < index->all.counts[kmer] &&
                       (Py_ssize_t)index->all.counts[kmer] <= (index->size + 31) >> 5 &&
                       (index->all.data + index->all.offsets[kmer])[work->next[place]] < chunk * 64)
                    work->next[place]++;
            work->present[place] = presence(index, &index->all, kmer, chunk, width,
                                            work->rows + place * CHUNK, &work->next[place]);
            if (!work->present[place])
                return 0;
        }
        stab(index, query, limits, work, chunk, width, 0);
        if (may_overlap(index, query, limits, work, width))
            stab(index, query, limits, work, chunk, width, 1);
    }
    return cut_bounds(index, query, limits, limits->longer, work->bound[0]);
}

/* -- from and to Python ------------------------------------------------------------------ */

/* Return the next record from this one on that has a bound; most have none. */
static Py_ssize_t next_bound(const uint16_t *bound, Py_ssize_t record, Py_ssize_t size)
{
    while (record + 4 <= size && word_of(bound + record, 0) == ~(uint64_t)0) /* NONE, four times */
        record += 4;
    while (record < size && bound[record] == NONE)
        record++;
    return record;
}

/* Return (haplotypes by their bound, where each bound begins), as bytes of uint32. */
static PyObject *by_bound(const uint16_t *bound, Py_ssize_t size, Py_ssize_t limit)
{
    uint32_t *starts = calloc((size_t)limit + 2, sizeof *starts), *order = NULL;
    PyObject *result = NULL;
    if (!starts)
        return PyErr_NoMemory();
    for (Py_ssize_t r = next_bound(bound, 0, size); r < size; r = next_bound(bound, r + 1, size))
        starts[bound[r] + 1]++;
    for (Py_ssize_t value = 0; value <= limit; value++)
        starts[value + 1] += starts[value];
    Py_ssize_t told = starts[limit + 1];
    order = malloc((size_t)(told + 1) * sizeof *order);
    if (order) {
        for (Py_ssize_t r = next_bound(bound, 0, size); r < size; r = next_bound(bound, r + 1, size))
            order[starts[bound[r]]++] = (uint32_t)r;
        memmove(starts + 1, starts, (size_t)(limit + 1) * sizeof *starts);
        starts[0] = 0;
        result = Py_BuildValue("(y#y#)", (char *)order, told * 4, (char *)starts, (limit + 2) * 4);
    } else
        PyErr_NoMemory();
    free(starts);
    free(order);
    return result;
}

static int read_query(Query *query)
{
    static const char letters[] = "ACGT";
    Py_ssize_t clear = 0;
    uint32_t code = 0;
    query->kmers = query->length >= K ? query->length - K + 1 : 0;
    query->codes = malloc((size_t)(query->kmers + 1) * sizeof *query->codes);
    if (!query->codes)
        return 0;
    for (Py_ssize_t i = 0; i < query->length; i++) {
        const char *found = memchr(letters, query->bases[i], 4);
        clear = found ? clear + 1 : 0;
        code = (code << 2 | (found ? (uint32_t)(found - letters) : 0)) & (KMERS - 1);
        if (i >= K - 1)
            query->codes[i - K + 1] = clear >= K ? (int32_t)code : -1;
    }
    return 1;
}

/* Buffers of the sections of an index, in the order of `bounds.SECTIONS`. */
enum { ALL_COUNTS, ALL_OFFSETS, ALL_DATA, CUT_COUNTS, CUT_OFFSETS, CUT_DATA, LENGTHS, AMBIGUOUS,
       TOTALS, SECTIONS };

static int read_index(Index *index, const Py_buffer *view)
{
    Py_ssize_t width = (index->size + 7) >> 3;
    index->words = (index->size + 63) >> 6;
    if (index->size < 1 || index->size > INT32_MAX || view[LENGTHS].len != index->size * 4 ||
        view[AMBIGUOUS].len % width || view[TOTALS].len % width ||
        view[AMBIGUOUS].len / width > PLANES || view[TOTALS].len / width > PLANES)
        return 0;
    for (int table = ALL_COUNTS; table <= CUT_COUNTS; table += CUT_COUNTS)
        if (view[table].len != KMERS * 4 || view[table + 1].len != KMERS * 4 ||
            view[table + 2].len % 4)
            return 0;
    index->all = (Table){view[ALL_COUNTS].buf, view[ALL_OFFSETS].buf, view[ALL_DATA].buf,
                         view[ALL_DATA].len / 4};
    index->cut = (Table){view[CUT_COUNTS].buf, view[CUT_OFFSETS].buf, view[CUT_DATA].buf,
                         view[CUT_DATA].len / 4};
    index->lengths = view[LENGTHS].buf;
    index->ambiguous = view[AMBIGUOUS].buf;
    index->totals = view[TOTALS].buf;
    index->ambiguous_planes = (int)(view[AMBIGUOUS].len / width);
    index->totals_planes = (int)(view[TOTALS].len / width);
    return 1;
}

static PyObject *bounds(PyObject *self, PyObject *args)
{
    Py_buffer view[SECTIONS];
    PyObject *sections, *result = NULL, *told[3] = {NULL, NULL, NULL};
    Index index;
    Query query;
    Limits limits;
    Work *work = NULL;
    int held = 0, fine = 0, only_short;
    (void)self;
    memset(&query, 0, sizeof query);
    if (!PyArg_ParseTuple(args, "y#O!nnnnnnnp", &query.bases, &query.length, &PyTuple_Type,
                          &sections, &index.size, &limits.least, &limits.first, &limits.longer,
                          &limits.codes, &limits.whole, &limits.part, &only_short))
        return NULL;
    if (PyTuple_Size(sections) != SECTIONS) {
        PyErr_SetString(PyExc_TypeError, "not the sections of an index");
        return NULL;
    }
    for (; held < SECTIONS; held++)
        if (PyObject_GetBuffer(PyTuple_GetItem(sections, held), &view[held], PyBUF_SIMPLE))
            goto done;
    if (!read_index(&index, view) || limits.whole < 0 || limits.part < 0 ||
        limits.whole >= NONE || limits.part >= NONE || limits.first < 0 ||
        limits.first > limits.longer || limits.longer > index.size || limits.least < 1 ||
        (limits.first == index.size && !only_short) || limits.least > query.length ||
        query.length > INT32_MAX / 64) {
        PyErr_SetString(PyExc_ValueError, "sections or limits do not fit");
        goto done;
    }
    work = calloc(1, sizeof *work);
    if (!work || !read_query(&query))
        goto memory;
    for (int placement = 0; placement < 3; placement++) {
        work->bound[placement] = malloc((size_t)index.size * sizeof(uint16_t));
        if (!work->bound[placement])
            goto memory;
        memset(work->bound[placement], 0xff, (size_t)index.size * sizeof(uint16_t));
    }
    work->next = calloc((size_t)query.kmers + 1, sizeof *work->next);
    work->present = malloc(((size_t)query.kmers + 1) * sizeof *work->present);
    work->rows = malloc(((size_t)query.kmers + 1) * CHUNK * sizeof *work->rows);
    if (!work->next || !work->present || !work->rows)
        goto memory;
    Py_BEGIN_ALLOW_THREADS
    if (only_short) {
        memset(work->bound[0], 0, (size_t)limits.first * sizeof(uint16_t));
        fine = cut_bounds(&index, &query, &limits, limits.first, work->bound[0]);
    } else
        fine = all_bounds(&index, &query, &limits, work);
    Py_END_ALLOW_THREADS
    if (!fine) {
        PyErr_SetString(PyExc_ValueError, "damaged tables");
        goto done;
    }
    for (int placement = 0; placement < 3; placement++) {
        told[placement] = by_bound(work->bound[placement], index.size,
                                   placement ? limits.part : limits.whole);
        if (!told[placement])
            goto done;
    }
    result = Py_BuildValue("(OOO)", told[0], told[1], told[2]);
    goto done;
memory:
    PyErr_NoMemory();
done:
    for (int placement = 0; placement < 3; placement++) {
        Py_XDECREF(told[placement]);
        if (work)
            free(work->bound[placement]);
    }
    while (held--)
        PyBuffer_Release(&view[held]);
    if (work) {
        free(work->next);
        free(work->present);
        free(work->rows);
    }
    free(work);
    free(query.codes);
    return result;
}

static PyMethodDef methods[] = {
    {"bounds", bounds, METH_VARARGS,
     "bounds(sequence, sections, size, least, first, longer, codes, whole, part, only_short)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_bounds", NULL, 0, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__bounds(void)
{
    const uint16_t probe = 1;
    if (!*(const uint8_t *)&probe) {
        PyErr_SetString(PyExc_ImportError, "index files are little-endian");
        return NULL;
    }
    return PyModule_Create(&module);
}
