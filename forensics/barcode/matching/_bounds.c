/* How many edits every haplotype of an index costs at least, however it is placed.
 *
 * Stabbing. Every edit of a placement touches k-mers of the query that share one base; a k-mer
 * that no edit touches occurs in the record, or one of the record's IUPAC codes hides it. So the
 * edits and the codes together are at least the fewest bases that hit all k-mers of the query that
 * the record lacks. For pieces of one length the fewest are found from one end: take the last base
 * of the first piece that is not hit yet, and go on. Here 64 records go at once, a bit each.
 *
 * Most records need not be stabbed. K-mers side by side are an eighth of all, and each that a record
 * lacks is an edit, too. They are counted first, and what is kept of that count is the least of each
 * group of records: its level. A group is stabbed when its level is asked for; where the search
 * ends before, never. (Without that first count, searches among 100,000 records take twice as long:
 * docs/decisions/search.md.)
 *
 * The index may be anybody's file: every offset, count and number is checked before it is used.
 */

#include "_kernel.h"

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

#if defined(__GNUC__)
#define prefetch __builtin_prefetch
#else
#define prefetch(place) ((void)0)
#endif

#define K 8                   /* length of the k-mers; the same as index.K */
#define KMERS (1u << 2 * K)
#define STRIDE 2              /* bases from one k-mer that is stabbed to the next */
#define RING ((K - 1) / STRIDE + 1) /* so many in a row share a base */
#define GROUP 4               /* words of 64 records that are stabbed or left out together */
#define BATCH 16              /* groups that are stabbed at once */
#define CHUNK (GROUP * BATCH) /* words that are counted together: fits the cache */
#define PLANES 24             /* of the counters; 2**24 edits are more than any sequence has */
#define CHECKPOINTS 8
#define STEP 8                /* levels that are stabbed ahead: fewer, larger batches */
#define AHEAD 4               /* k-mers whose bitmaps are fetched ahead */
#define NONE UINT16_MAX       /* beyond the limit */
#define UNSURE 0x80000000u    /* beside a record: its own k-mers were not looked at yet */

enum { WHOLE, RIGHT, LEFT, PLACEMENTS };

typedef struct {
    const uint32_t *counts, *offsets, *data;
    Py_ssize_t length; /* of the data, in units of 4 bytes */
} Table;

typedef struct {
    Py_ssize_t size;   /* haplotypes */
    Py_ssize_t words;  /* of 64 bits for a bit each */
    Table all, cut;
    const uint32_t *lengths;
    const uint8_t *ambiguous, *totals; /* bit planes: IUPAC codes, and pieces that a record is cut into */
    int ambiguous_planes, totals_planes;
    const uint64_t *starts;   /* of each sequence among the bases, and the end of the last */
    const char *bases;
} Index;

typedef struct {
    Py_ssize_t length, kmers;
    int32_t *codes;           /* of the k-mer at each place, -1 where it holds an IUPAC code */
    uint32_t *distinct;
    Py_ssize_t distinct_count;
    uint8_t has[KMERS / 8];   /* the set of these k-mers */
} Query;

typedef struct {
    Py_ssize_t least, first, longer; /* as in search._Query */
    Py_ssize_t codes;                /* IUPAC codes of the query */
    Py_ssize_t whole, part;          /* limits: greater bounds are left out */
    double rate;                     /* limit of edits a base, for records shorter than the query */
} Limits;

/* The records of a placement, in a list for each bound. */
typedef struct {
    uint32_t *record, *next, *head; /* next and head: places from 1 on, 0 at the end */
    Py_ssize_t count, room, limit;
} Lists;

/* Counters of a chunk: bit j of all of them in plane j. */
typedef struct {
    uint64_t plane[PLANES][CHUNK];
    int used;
} Counters;

/* What is needed while counting. */
typedef struct {
    uint64_t row[8][CHUNK];        /* who has a k-mer, from the lists of the index; a bit each */
    uint64_t shown[PLANES][CHUNK]; /* planes of the most IUPAC codes less those of each record */
    uint64_t valid[CHUNK];         /* records that are compared */
    Counters counts, before, sum;
    uint16_t bound[2][CHUNK * 64]; /* whole and partial, of the batch */
} Work;

/* One strand of a query. */
typedef struct {
    Py_buffer view[16];
    int views;
    Index index;
    Query query;
    Limits limits;
    Py_ssize_t groups, horizon; /* all groups up to this level are stabbed */
    uint16_t *level[PLACEMENTS];
    uint8_t *stabbed[2];        /* groups, from the left, and turned */
    uint8_t *cut;               /* chunks whose shorter records were looked at by their own pieces */
    /* Where in the lists of k-mers the last search ended, and from which record on it did: side by side,
     * at each place from the left and turned, of a record's own pieces. */
    uint32_t *next[4];
    Py_ssize_t since[4];
    Lists lists[PLACEMENTS];
    Work *work;
} Strand;

#include "_counting.c"
#include "_stabbing.c"

/* -- from and to Python ------------------------------------------------------------------ */

static int read_query(Query *query, const char *bases, Py_ssize_t length)
{
    Py_ssize_t clear = 0;
    uint32_t code = 0;
    query->length = length;
    query->kmers = length >= K ? length - K + 1 : 0;
    query->codes = malloc((size_t)(query->kmers + 1) * sizeof *query->codes);
    query->distinct = malloc((size_t)(query->kmers + 1) * sizeof *query->distinct);
    if (!query->codes || !query->distinct)
        return 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        int letter = CODE_OF[(unsigned char)bases[i]] - 1;
        clear = letter < 0 ? 0 : clear + 1;
        code = (code << 2 | (uint32_t)(letter & 3)) & (KMERS - 1);
        if (i >= K - 1)
            query->codes[i - K + 1] = clear >= K ? (int32_t)code : -1;
        if (clear >= K && !(query->has[code >> 3] >> (code & 7) & 1)) {
            query->has[code >> 3] |= (uint8_t)(1 << (code & 7));
            query->distinct[query->distinct_count++] = code;
        }
    }
    return 1;
}

/* Buffers of the sections of an index, in the order of `Index.tables`. */
enum { ALL_COUNTS, ALL_OFFSETS, ALL_DATA, CUT_COUNTS, CUT_OFFSETS, CUT_DATA, LENGTHS, AMBIGUOUS,
       TOTALS, SEQUENCE_OFFSETS, SEQUENCES, SECTIONS };

static int read_index(Index *index, const Py_buffer *view)
{
    Py_ssize_t width = (index->size + 7) >> 3;
    index->words = (index->size + 63) >> 6;
    if (index->size < 1 || index->size > INT32_MAX || view[LENGTHS].len != index->size * 4 ||
        view[AMBIGUOUS].len % width || view[AMBIGUOUS].len / width > PLANES - 1 ||
        view[TOTALS].len % width || view[TOTALS].len / width > PLANES - 1 ||
        view[SEQUENCE_OFFSETS].len != (index->size + 1) * 8)
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
    index->totals = view[TOTALS].buf;
    index->totals_planes = (int)(view[TOTALS].len / width);
    index->ambiguous = view[AMBIGUOUS].buf;
    index->ambiguous_planes = (int)(view[AMBIGUOUS].len / width);
    index->starts = view[SEQUENCE_OFFSETS].buf;
    index->bases = view[SEQUENCES].buf;
    return index->starts[index->size] <= (uint64_t)view[SEQUENCES].len;
}

static const char NAME[] = "forensics.strand";

static void free_strand(PyObject *capsule)
{
    Strand *strand = PyCapsule_GetPointer(capsule, NAME);
    while (strand->views--)
        PyBuffer_Release(&strand->view[strand->views]);
    for (int placement = 0; placement < PLACEMENTS; placement++) {
        free(strand->level[placement]);
        free(strand->lists[placement].record);
        free(strand->lists[placement].next);
        free(strand->lists[placement].head);
    }
    free(strand->stabbed[0]);
    free(strand->stabbed[1]);
    free(strand->cut);
    free(strand->query.distinct);
    for (int which = 0; which < 4; which++)
        free(strand->next[which]);
    free(strand->query.codes);
    free(strand->work);
    free(strand);
}

/* Bounds of the records that are too short, by their own k-mers. */
static int of_short(Strand *strand)
{
    for (Py_ssize_t record = 0; record < strand->limits.first; record++) {
        int32_t bound = stab_record(strand, record);
        if (bound < 0)
            return 0;
        if (bound != NONE && !list_record(&strand->lists[WHOLE], (uint32_t)record, bound))
            return -1;
    }
    strand->horizon = strand->limits.whole;
    return 1;
}

static int reserve(Strand *strand)
{
    for (int placement = 0; placement < PLACEMENTS; placement++) {
        Lists *lists = &strand->lists[placement];
        size_t size = (size_t)strand->groups * sizeof(uint16_t);
        strand->level[placement] = malloc(size + 1);
        lists->limit = placement == WHOLE ? strand->limits.whole : strand->limits.part;
        lists->head = calloc((size_t)lists->limit + 1, sizeof *lists->head);
        if (!strand->level[placement] || !lists->head)
            return 0;
        memset(strand->level[placement], 0xff, size);
    }
    strand->stabbed[0] = calloc((size_t)strand->groups + 1, 1);
    strand->stabbed[1] = calloc((size_t)strand->groups + 1, 1);
    for (int which = 0; which < 4; which++)
        if (!(strand->next[which] = calloc((size_t)strand->query.kmers + 1, sizeof(uint32_t))))
            return 0;
    strand->work = malloc(sizeof *strand->work);
    strand->cut = calloc((size_t)strand->groups / BATCH + 1, 1);
    return strand->stabbed[0] && strand->stabbed[1] && strand->cut && strand->work;
}

static PyObject *failed(int fine)
{
    if (fine < 0)
        return PyErr_NoMemory();
    PyErr_SetString(PyExc_ValueError, "damaged tables");
    return NULL;
}

/* Return a strand that holds a view of the sections of an index, in a capsule; NULL with an error set. */
static PyObject *new_strand(PyObject *sections, Strand **strand)
{
    PyObject *capsule;
    if (PyTuple_Size(sections) != SECTIONS) {
        PyErr_SetString(PyExc_TypeError, "not the sections of an index");
        return NULL;
    }
    *strand = calloc(1, sizeof **strand);
    if (!*strand)
        return PyErr_NoMemory();
    capsule = PyCapsule_New(*strand, NAME, free_strand);
    if (!capsule)
        free(*strand);
    for (; capsule && (*strand)->views < SECTIONS; (*strand)->views++)
        if (PyObject_GetBuffer(PyTuple_GetItem(sections, (*strand)->views),
                               &(*strand)->view[(*strand)->views], PyBUF_SIMPLE)) {
            Py_DECREF(capsule);
            return NULL;
        }
    return capsule;
}

PyObject *kernel_bound_strand(PyObject *self, PyObject *args)
{
    PyObject *sections, *capsule;
    const char *bases;
    Py_ssize_t length, size;
    Limits limits;
    int only_short, fine = 1;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#O!nnnnndnnp", &bases, &length, &PyTuple_Type, &sections, &size,
                          &limits.least, &limits.first, &limits.longer, &limits.codes,
                          &limits.rate, &limits.whole, &limits.part, &only_short))
        return NULL;
    Strand *strand;
    capsule = new_strand(sections, &strand);
    if (!capsule)
        return NULL;
    strand->limits = limits;
    strand->index.size = size;
    strand->horizon = -1;
    if (!read_index(&strand->index, strand->view) || limits.whole < 0 || limits.part < 0 ||
        !(limits.rate >= 0 && limits.rate <= 2) ||
        limits.whole >= NONE || limits.part >= NONE || limits.codes < 0 || limits.first < 0 ||
        limits.first > limits.longer || limits.longer > size || limits.least < 1 ||
        limits.least > length || length > INT32_MAX / 64) {
        PyErr_SetString(PyExc_ValueError, "sections or limits do not fit");
        goto error;
    }
    strand->groups = only_short ? 0 : (strand->index.words + GROUP - 1) / GROUP;
    if (!read_query(&strand->query, bases, length) || !reserve(strand)) {
        failed(-1);
        goto error;
    }
    Py_BEGIN_ALLOW_THREADS
    if (only_short)
        fine = of_short(strand);
    else {
        for (Py_ssize_t place = 0; fine && place < strand->query.kmers; place++)
            if (strand->query.codes[place] >= 0)
                fine = sound(&strand->index, &strand->index.all, strand->query.codes[place]);
        for (Py_ssize_t place = 0; fine && place < strand->query.kmers; place += K) {
            int32_t kmer = strand->query.codes[place];
            const Table *all = &strand->index.all;
            Py_ssize_t first = limits.first / (64 * CHUNK) * CHUNK * 64;
            if (kmer >= 0 && (Py_ssize_t)all->counts[kmer] <= (size + 31) >> 5) /* begin there */
                strand->next[0][place / K] = seek(all->data + all->offsets[kmer], 0,
                                               all->counts[kmer], (uint32_t)first);
        }
        fine = fine && find_levels(strand);
    }
    Py_END_ALLOW_THREADS
    if (fine > 0)
        return capsule;
    failed(fine);
error:
    Py_DECREF(capsule);
    return NULL;
}

/* Count for each record how many of the distinct k-mers of the query it has; 0 if the tables are damaged. */
static int count_shared(Strand *strand, uint32_t *shared)
{
    const Index *index = &strand->index;
    const Query *query = &strand->query;
    Counters *counts = &strand->work->counts;
    for (Py_ssize_t i = 0; i < query->distinct_count; i++)
        if (!sound(index, &index->all, query->distinct[i]))
            return 0;
    for (Py_ssize_t first = 0; first < index->words; first += CHUNK) {
        Py_ssize_t width = index->words - first < CHUNK ? index->words - first : CHUNK;
        counts->used = 0;
        for (Py_ssize_t i = 0; i < query->distinct_count; i += 8) {
            const void *present[8];
            for (int j = 0; j < 8; j++) {
                uint64_t *row = strand->work->row[j];
                if (i + j >= query->distinct_count)
                    present[j] = memset(row, 0, sizeof strand->work->row[j]);
                else
                    present[j] = presence(index, &index->all, query->distinct[i + j], first, width,
                                          row, strand->next[0] + i + j);
                if (!present[j])
                    return 0;
            }
            count_eight(counts, present, 0, width);
        }
        for (Py_ssize_t w = 0; w < width; w++)
            for (int bit = 0; bit < 64 && (first + w) * 64 + bit < index->size; bit++)
                shared[(first + w) * 64 + bit] = (uint32_t)read_counter(counts, w, bit);
    }
    return 1;
}

PyObject *kernel_count_shared(PyObject *self, PyObject *args)
{
    PyObject *sections, *capsule, *result = NULL;
    const char *bases;
    Py_ssize_t length, size;
    int fine;
    Strand *strand;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#O!n", &bases, &length, &PyTuple_Type, &sections, &size))
        return NULL;
    capsule = new_strand(sections, &strand);
    if (!capsule)
        return NULL;
    strand->index.size = size;
    if (!read_index(&strand->index, strand->view))
        failed(0);
    else if (!read_query(&strand->query, bases, length) || !reserve(strand))
        failed(-1);
    else if ((result = PyBytes_FromStringAndSize(NULL, size * 4))) {
        uint32_t *shared = (uint32_t *)PyBytes_AsString(result);
        Py_BEGIN_ALLOW_THREADS
        fine = count_shared(strand, shared);
        Py_END_ALLOW_THREADS
        if (!fine) {
            Py_CLEAR(result);
            failed(0);
        }
    }
    Py_DECREF(capsule);
    return result;
}

static int ascending(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

PyObject *kernel_records_at(PyObject *self, PyObject *args)
{
    PyObject *capsule, *result;
    Py_ssize_t edits, first, count = 0, room;
    double rate;
    int placement, fine = 1;
    (void)self;
    if (!PyArg_ParseTuple(args, "Oinnd", &capsule, &placement, &edits, &first, &rate))
        return NULL;
    Strand *strand = PyCapsule_GetPointer(capsule, NAME);
    if (!strand)
        return NULL;
    if (placement < 0 || placement >= PLACEMENTS || edits < 0 || !(rate >= 0)) {
        PyErr_SetString(PyExc_ValueError, "no such placement");
        return NULL;
    }
    Lists *lists = &strand->lists[placement];
    if (edits > lists->limit)
        return PyBytes_FromStringAndSize(NULL, 0);
    if (edits > strand->horizon) {
        Limits *limits = &strand->limits;
        limits->rate = rate < limits->rate ? rate : limits->rate;
        Py_ssize_t most = (Py_ssize_t)(limits->rate * (double)strand->query.length + ROUNDING);
        limits->whole = most < limits->whole ? most : limits->whole;
        limits->part = most < limits->part ? most : limits->part;
        Py_BEGIN_ALLOW_THREADS
        fine = stab_up_to(strand, edits + STEP <= limits->whole ? edits + STEP - 1 : limits->whole);
        Py_END_ALLOW_THREADS
    }
    if (fine > 0)
        fine = make_sure(strand, lists, edits);
    if (fine <= 0)
        return failed(fine);
    for (uint32_t place = lists->head[edits]; place; place = lists->next[place - 1])
        count += (Py_ssize_t)lists->record[place - 1] >= first;
    room = count;
    result = PyBytes_FromStringAndSize(NULL, room * 4);
    if (!result)
        return NULL;
    uint32_t *found = (uint32_t *)PyBytes_AsString(result);
    for (uint32_t place = lists->head[edits]; place; place = lists->next[place - 1])
        if ((Py_ssize_t)lists->record[place - 1] >= first)
            found[--room] = lists->record[place - 1];
    qsort(found, (size_t)count, sizeof *found, ascending);
    return result;
}

/* Return the least level of a placement: below it there is no bound. */
PyObject *kernel_smallest_bound(PyObject *self, PyObject *args)
{
    PyObject *capsule;
    Py_ssize_t least = NONE;
    int placement;
    (void)self;
    if (!PyArg_ParseTuple(args, "Oi", &capsule, &placement))
        return NULL;
    Strand *strand = PyCapsule_GetPointer(capsule, NAME);
    if (!strand)
        return NULL;
    for (Py_ssize_t group = 0; placement >= 0 && placement < PLACEMENTS && group < strand->groups; group++)
        if (strand->level[placement][group] < least)
            least = strand->level[placement][group];
    for (Py_ssize_t edits = 0; placement >= 0 && placement < PLACEMENTS && edits < least &&
                               edits <= strand->lists[placement].limit; edits++)
        if (strand->lists[placement].head[edits])
            least = edits;
    if (least == NONE)
        Py_RETURN_NONE;
    return PyLong_FromSsize_t(least);
}

/* -- records far away, by the k-mers that they share ------------------------------------- */

typedef struct {
    double score;
    uint32_t record, group;
} Ranked;

/* The higher score first, then the smaller number; who has none is last. */
static int by_score(const void *one, const void *other)
{
    const Ranked *a = one, *b = other;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->record > b->record) - (a->record < b->record);
}

/* Put a record among the best of its group. */
static void rank(Ranked *best, Py_ssize_t each, Ranked ranked)
{
    for (Py_ssize_t i = 0; i < each; i++)
        if (by_score(&ranked, best + i) < 0) {
            Ranked lower = best[i];
            best[i] = ranked;
            ranked = lower;
        }
}

PyObject *kernel_best_of_groups(PyObject *self, PyObject *args)
{
    const uint32_t *shared, *lengths, *group;
    const char *left_out;
    Py_ssize_t size, lengths_size, group_size, left_size, length, least, groups, each, most;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#y#y#nnnnn", &shared, &size, &lengths, &lengths_size, &group,
                          &group_size, &left_out, &left_size, &length, &least, &groups, &each, &most))
        return NULL;
    if (size != lengths_size || size != group_size || left_size != size / 4 || length < 1 ||
        groups < 1 || groups > INT32_MAX || each < 1 || most < 1) {
        PyErr_SetString(PyExc_ValueError, "arguments do not fit");
        return NULL;
    }
    Ranked *best = calloc((size_t)(groups * each), sizeof *best);
    Ranked *first = calloc((size_t)groups, sizeof *first);
    PyObject *list = best && first ? PyList_New(0) : PyErr_NoMemory();
    for (Py_ssize_t record = 0; list && record < size / 4; record++) {
        uint32_t bases = lengths[record];
        if (group[record] >= (uint64_t)groups) {
            PyErr_SetString(PyExc_ValueError, "arguments do not fit");
            Py_CLEAR(list);
        } else if (shared[record] && bases >= least && !left_out[record]) {
            Py_ssize_t shorter = bases < length ? (Py_ssize_t)bases : length;
            Ranked ranked = {(double)shared[record] / (double)shorter, (uint32_t)record, group[record]};
            rank(best + group[record] * each, each, ranked);
        }
    }
    if (list) {
        for (Py_ssize_t i = 0; i < groups; i++) {
            first[i] = best[i * each];
            first[i].group = (uint32_t)i;
        }
        qsort(first, (size_t)groups, sizeof *first, by_score);
        for (Py_ssize_t i = most; i < groups; i++)
            memset(best + first[i].group * each, 0, (size_t)each * sizeof *best);
        qsort(best, (size_t)(groups * each), sizeof *best, by_score);
        for (Py_ssize_t i = 0; list && i < groups * each && best[i].score > 0; i++)
            if (kernel_append(list, best[i].record))
                Py_CLEAR(list);
    }
    free(best);
    free(first);
    return list;
}
