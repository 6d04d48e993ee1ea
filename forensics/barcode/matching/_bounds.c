/* How many edits every haplotype of an index costs at least, however it is placed.
 *
 * Stabbing. Every edit of a placement touches k-mers of the query that share one base; a k-mer that no edit
 * touches occurs in the record. Where that has IUPAC codes, it has all k-mers that they can stand for, or, where
 * these are many, hides them (_tables.c). So the edits and the hidden ones together are at least the fewest bases
 * that hit all k-mers of the query that the record lacks. For pieces of one length the fewest are found from one
 * end: take the last base of the first piece that is not hit yet, and go on. Here 64 records go at once, a bit each.
 *
 * Most records need not be stabbed. K-mers side by side are an eighth of all, and each that a record
 * lacks is an edit, too. They are counted first, and what is kept of that count is the least of each
 * group of records: its level. A group is stabbed when its level is asked for; where the search
 * ends before, never. (Without that first count, searches among 100,000 records take twice as long:
 * docs/decisions/search.md.)
 *
 * The tables have records of one length in an order of their own, that of the slots: related ones beside
 * each other, so that a group is near as a whole, or far.
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

#define K SEED                /* length of the k-mers; the same as index.K */
#define STRIDE 2              /* bases from one k-mer that is stabbed to the next */
#define RING ((K - 1) / STRIDE + 1) /* so many in a row share a base */
#define GROUP 4               /* words of 64 records that are stabbed or left out together */
#define BATCH 16              /* groups that are stabbed at once */
#define CHUNK (GROUP * BATCH) /* words that are counted together: fits the cache */
#define CLOSE (8 * BATCH)     /* groups from the first of a batch to the last, up to which lists are read on */
#define PLANES 24             /* of the counters; 2**24 edits are more than any sequence has */
#define CHECKPOINTS 8
#define STEP 8                /* levels that are stabbed ahead: fewer, larger batches */
#define AHEAD 4               /* k-mers whose bitmaps are fetched ahead */
#define GAP 256               /* bases from one window of a long query to the next, or a power of two as many */
#define MARKS 16              /* more windows than lie over each other */
#define NONE UINT16_MAX       /* beyond the limit */
#define UNSURE 0x80000000u    /* beside a record: its own k-mers were not looked at yet */

typedef struct {
    const uint32_t *counts, *offsets, *data;
    Py_ssize_t length; /* of the data, in units of 4 bytes */
} Table;

typedef struct {
    Py_ssize_t size;   /* haplotypes */
    Py_ssize_t words;  /* of 64 bits for a bit each */
    Table all;
    const uint32_t *lengths, *order; /* order: the record of each slot, of the same length */
    const uint8_t *hidden; /* bit planes of how many of their k-mers side by side are hidden */
    int hidden_planes;
    const uint16_t *pieces; /* of each record its pieces side by side (_tables.c) */
    const uint64_t *starts;   /* of each sequence among the bases, and the end of the last */
    const char *bases;
} Index;

typedef struct {
    Py_ssize_t length, kmers;
    int32_t *codes;           /* of the k-mer at each place, -1 where it holds an IUPAC code */
    uint8_t has[KMERS / 8 + 1]; /* the set of these k-mers, by `read_bits`; what holds an IUPAC code is no lack */
} Query;

/* The records of a placement, in a list for each bound. */
typedef struct {
    uint32_t *record, *next, *head; /* next and head: places from 1 on, 0 at the end */
    Py_ssize_t count, room, limit;
} Lists;

/* Windows of a query, each of so many bases, of which one holds any place of any record of a group: the first and
 * the last that lack few enough of its pieces. */
typedef struct {
    Py_ssize_t first, last, width;
} Windows;

/* Counters of a chunk: bit j of all of them in plane j. */
typedef struct {
    uint64_t plane[PLANES][CHUNK];
    int used;
} Counters;

/* How groups are stabbed: from the left, turned, and in windows. The last way of reading lists: side by side. */
enum { FROM_LEFT, TURNED, IN_WINDOWS, WAYS, PIECES = WAYS };

/* What is needed while counting. */
typedef struct {
    uint64_t row[8][CHUNK];        /* who has a k-mer, from the lists of the index; a bit each */
    uint64_t shown[PLANES][CHUNK]; /* planes of the most hidden k-mers less those of each record */
    uint64_t valid[CHUNK];         /* records that are compared */
    uint64_t present[CHUNK + GROUP]; /* who of the groups of a batch has a k-mer, and who between them */
    uint8_t row_of[CLOSE];         /* of each group from the first of a batch on, by GROUP words */
    uint32_t span;                 /* groups from the first to the last, 0 if they do not lie close together */
    Counters counts, before, sum;
    Counters mark[MARKS];          /* the counts where each window began */
    uint16_t bound[2][CHUNK * 64]; /* whole and partial, of the batch */
} Work;

struct Strand {
    Py_buffer view[SECTIONS]; /* where Python holds the strand */
    int views;
    Index index;
    Query query;
    Limits limits;
    Py_ssize_t groups, horizon; /* all groups up to this level are stabbed */
    uint16_t *level[PLACEMENTS];
    Windows *windows;           /* of each group; a width of 0 where there are none */
    Py_ssize_t gap;             /* from one window to the next */
    uint8_t *stabbed[WAYS];     /* groups */
    /* Where in the lists of k-mers the last search ended, and from which record on it did: at each place, and
     * side by side. */
    uint32_t *next[WAYS + 1];
    Py_ssize_t since[WAYS + 1];
    Lists lists[PLACEMENTS];
    Work *work;
};

#include "_counting.c"
#include "_stabbing.c"

/* -- from and to Python ------------------------------------------------------------------ */

static const int8_t CODE_OF[256] = {['A'] = 1, ['C'] = 2, ['G'] = 3, ['T'] = 4};

static int read_query(Query *query, const char *bases, Py_ssize_t length)
{
    Py_ssize_t clear = 0;
    uint32_t code = 0;
    query->length = length;
    query->kmers = length >= K ? length - K + 1 : 0;
    query->codes = malloc((size_t)(query->kmers + 1) * sizeof *query->codes);
    if (!query->codes)
        return 0;
    query->has[KMERS / 8] = 1;
    for (Py_ssize_t i = 0; i < length; i++) {
        int letter = CODE_OF[(unsigned char)bases[i]] - 1;
        clear = letter < 0 ? 0 : clear + 1;
        code = (code << 2 | (uint32_t)(letter & 3)) & (KMERS - 1);
        if (i >= K - 1)
            query->codes[i - K + 1] = clear >= K ? (int32_t)code : -1;
        if (clear >= K) {
            uint64_t bits = read_bits(bases + i - K + 1);
            query->has[bits >> 3] |= (uint8_t)(1 << (bits & 7));
        }
    }
    return 1;
}

static int read_index(Index *index, const Py_buffer *view)
{
    Py_ssize_t width = (index->size + 7) >> 3;
    index->words = (index->size + 63) >> 6;
    if (index->size < 1 || index->size > INT32_MAX || view[LENGTHS].len != index->size * 4 ||
        view[HIDDEN].len % width || view[HIDDEN].len / width > PLANES - 1 ||
        view[SEQUENCE_OFFSETS].len != (index->size + 1) * 8 || view[ORDER].len != index->size * 4 || view[OWN_PIECES].len % 2)
        return 0;
    if (view[ALL_COUNTS].len != KMERS * 4 || view[ALL_OFFSETS].len != KMERS * 4 ||
        view[ALL_DATA].len % 4)
        return 0;
    index->all = (Table){view[ALL_COUNTS].buf, view[ALL_OFFSETS].buf, view[ALL_DATA].buf,
                         view[ALL_DATA].len / 4};
    index->lengths = view[LENGTHS].buf;
    index->order = view[ORDER].buf;
    index->hidden = view[HIDDEN].buf;
    index->hidden_planes = (int)(view[HIDDEN].len / width);
    index->starts = view[SEQUENCE_OFFSETS].buf;
    index->bases = view[SEQUENCES].buf;
    index->pieces = view[OWN_PIECES].buf;
    return index->starts[index->size] <= (uint64_t)view[SEQUENCES].len &&
           index->starts[index->size] / K + (uint64_t)index->size <= (uint64_t)view[OWN_PIECES].len / 2;
}

static const char NAME[] = "forensics.strand";

void kernel_free_strand(Strand *strand)
{
    if (!strand)
        return;
    for (int placement = 0; placement < PLACEMENTS; placement++) {
        free(strand->level[placement]);
        free(strand->lists[placement].record);
        free(strand->lists[placement].next);
        free(strand->lists[placement].head);
    }
    for (int way = 0; way < WAYS; way++)
        free(strand->stabbed[way]);
    for (int way = 0; way <= WAYS; way++)
        free(strand->next[way]);
    free(strand->windows);
    free(strand->query.codes);
    free(strand->work);
    free(strand);
}

static void free_capsule(PyObject *capsule)
{
    Strand *strand = PyCapsule_GetPointer(capsule, NAME);
    while (strand->views--)
        PyBuffer_Release(&strand->view[strand->views]);
    kernel_free_strand(strand);
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
    for (int way = 0; way < WAYS; way++)
        if (!(strand->stabbed[way] = calloc((size_t)strand->groups + 1, 1)))
            return 0;
    for (int way = 0; way <= WAYS; way++)
        if (!(strand->next[way] = calloc((size_t)strand->query.kmers + 1, sizeof(uint32_t))))
            return 0;
    strand->windows = calloc((size_t)strand->groups + 1, sizeof *strand->windows);
    strand->work = malloc(sizeof *strand->work);
    return strand->windows && strand->work;
}

PyObject *kernel_failed(int fine)
{
    if (fine < 0)
        return PyErr_NoMemory();
    PyErr_SetString(PyExc_ValueError, "sections contradict each other, or limits do not fit");
    return NULL;
}

int kernel_get_sections(PyObject *sections, Py_buffer *view, int *views)
{
    if (PyTuple_Size(sections) != SECTIONS) {
        PyErr_SetString(PyExc_TypeError, "not the sections of an index");
        return 0;
    }
    for (; *views < SECTIONS; ++*views)
        if (PyObject_GetBuffer(PyTuple_GetItem(sections, *views), &view[*views], PyBUF_SIMPLE))
            return 0;
    return 1;
}

int kernel_bound(Strand *strand, const Py_buffer *view, Py_ssize_t size, const char *bases,
                 Py_ssize_t length, const Limits *limits)
{
    int fine = 1;
    strand->limits = *limits;
    strand->index.size = size;
    strand->horizon = -1;
    if (!read_index(&strand->index, view) || limits->whole < 0 || limits->part < 0 ||
        !(limits->rate >= 0 && limits->rate <= 2) || limits->whole >= NONE ||
        limits->part >= NONE || limits->codes < 0 || limits->first < 0 ||
        limits->first > limits->longer || limits->longer > size || limits->least < 1 ||
        limits->least > length || length > INT32_MAX / 64)
        return 0;
    strand->groups = (strand->index.words + GROUP - 1) / GROUP;
    if (!read_query(&strand->query, bases, length) || !reserve(strand))
        return -1;
    strand->gap = GAP;
    while (limits->longer && 2 * (Py_ssize_t)strand->index.lengths[limits->longer - 1] / strand->gap >= MARKS - 2)
        strand->gap *= 2;
    for (Py_ssize_t place = 0; fine && place < strand->query.kmers; place++)
        if (strand->query.codes[place] >= 0)
            fine = sound(&strand->index, (uint32_t)strand->query.codes[place]);
    for (Py_ssize_t place = 0; fine && place < strand->query.kmers; place += K) {
        int32_t kmer = strand->query.codes[place];
        const Table *all = &strand->index.all;
        Py_ssize_t first = limits->first / (64 * CHUNK) * CHUNK * 64;
        if (kmer >= 0 && (Py_ssize_t)all->counts[kmer] <= (size + 31) >> 5) /* begin there */
            strand->next[PIECES][place / K] =
                seek(all->data + all->offsets[kmer], 0, all->counts[kmer], (uint32_t)first);
    }
    return fine && find_levels(strand);
}

Strand *kernel_new_strand(void)
{
    return calloc(1, sizeof(Strand));
}

/* Return a strand that holds a view of the sections of an index, in a capsule; NULL with an error set. */
static PyObject *new_strand(PyObject *sections, Strand **strand)
{
    *strand = kernel_new_strand();
    if (!*strand)
        return PyErr_NoMemory();
    PyObject *capsule = PyCapsule_New(*strand, NAME, free_capsule);
    if (!capsule)
        free(*strand);
    else if (!kernel_get_sections(sections, (*strand)->view, &(*strand)->views))
        Py_CLEAR(capsule);
    return capsule;
}

PyObject *kernel_bound_strand(PyObject *self, PyObject *args)
{
    PyObject *sections, *capsule;
    const char *bases;
    Py_ssize_t length, size;
    Limits limits;
    int fine;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#O!nnnnndnn", &bases, &length, &PyTuple_Type, &sections, &size,
                          &limits.least, &limits.first, &limits.longer, &limits.codes,
                          &limits.rate, &limits.whole, &limits.part))
        return NULL;
    Strand *strand;
    capsule = new_strand(sections, &strand);
    if (!capsule)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    fine = kernel_bound(strand, strand->view, size, bases, length, &limits);
    Py_END_ALLOW_THREADS
    if (fine > 0)
        return capsule;
    kernel_failed(fine);
    Py_DECREF(capsule);
    return NULL;
}

/* Count for each record how many of the distinct k-mers of the query it has; 0 if the tables are damaged,
 * -1 without memory. */
FOR_EACH_PROCESSOR
static int count_shared(Strand *strand, uint32_t *shared)
{
    const Index *index = &strand->index;
    const Query *query = &strand->query;
    Counters *counts = &strand->work->counts;
    Py_ssize_t number = 0;
    int fine = 1;
    uint8_t *seen = calloc(KMERS / 8, 1);
    uint32_t *distinct = malloc(((size_t)query->kmers + 1) * sizeof *distinct);
    if (!seen || !distinct)
        fine = -1;
    for (Py_ssize_t place = 0; fine > 0 && place < query->kmers; place++) {
        int32_t kmer = query->codes[place];
        if (kmer < 0 || seen[kmer >> 3] >> (kmer & 7) & 1)
            continue;
        seen[kmer >> 3] |= (uint8_t)(1 << (kmer & 7));
        distinct[number++] = (uint32_t)kmer;
        fine = sound(index, (uint32_t)kmer);
    }
    for (Py_ssize_t first = 0; fine > 0 && first < index->words; first += CHUNK) {
        Py_ssize_t width = index->words - first < CHUNK ? index->words - first : CHUNK;
        counts->used = 0;
        for (Py_ssize_t i = 0; fine > 0 && i < number; i += 8) {
            const void *present[8];
            for (int j = 0; j < 8; j++) {
                uint64_t *row = strand->work->row[j];
                present[j] = i + j >= number
                                 ? memset(row, 0xff, sizeof strand->work->row[j]) /* nobody lacks it */
                                 : presence(index, distinct[i + j], first, width, row,
                                            strand->next[PIECES] + i + j);
                if (!present[j])
                    fine = 0;
            }
            if (fine)
                count_eight(counts, present, width);
        }
        for (Py_ssize_t slot = first * 64; fine > 0 && slot < index->size && slot < (first + width) * 64; slot += 8) {
            uint32_t eight[8];
            read_counters(counts, slot / 64 - first, (int)(slot % 64), eight);
            for (int i = 0; i < 8 && slot + i < index->size; i++) {
                uint32_t record = index->order[slot + i];
                if ((Py_ssize_t)record >= index->size)
                    fine = 0;
                else
                    shared[record] = (uint32_t)number - eight[i];
            }
        }
    }
    free(seen);
    free(distinct);
    return fine;
}

PyObject *kernel_count_shared(PyObject *self, PyObject *args)
{
    PyObject *sections, *capsule, *result = NULL;
    const char *bases;
    Py_ssize_t length, size;
    int fine = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#O!n", &bases, &length, &PyTuple_Type, &sections, &size))
        return NULL;
    Strand *strand;
    capsule = new_strand(sections, &strand);
    if (!capsule)
        return NULL;
    strand->index.size = size;
    if (!read_index(&strand->index, strand->view))
        kernel_failed(0);
    else if (!read_query(&strand->query, bases, length) || !reserve(strand))
        kernel_failed(-1);
    else if ((result = PyBytes_FromStringAndSize(NULL, size * 4))) {
        uint32_t *shared = (uint32_t *)PyBytes_AsString(result);
        memset(shared, 0, (size_t)size * 4);
        Py_BEGIN_ALLOW_THREADS
        fine = count_shared(strand, shared);
        Py_END_ALLOW_THREADS
        if (fine <= 0) {
            Py_CLEAR(result);
            kernel_failed(fine);
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

int kernel_add_number(Numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->room) {
        Py_ssize_t room = numbers->room * 2 + 64;
        uint32_t *more = realloc(numbers->number, (size_t)room * sizeof *more);
        if (!more)
            return 0;
        numbers->number = more;
        numbers->room = room;
    }
    numbers->number[numbers->count++] = number;
    return 1;
}

int kernel_list_at(Strand *strand, int placement, Py_ssize_t edits, Py_ssize_t first, double rate,
                   Numbers *found, Wanted *wanted, const void *search)
{
    Lists *lists = &strand->lists[placement];
    int fine = 1;
    found->count = 0;
    if (edits > lists->limit)
        return 1;
    if (edits > strand->horizon) {
        Limits *limits = &strand->limits;
        limits->rate = rate < limits->rate ? rate : limits->rate;
        Py_ssize_t most = (Py_ssize_t)(limits->rate * (double)strand->query.length + ROUNDING);
        limits->whole = most < limits->whole ? most : limits->whole;
        limits->part = most < limits->part ? most : limits->part;
        fine = stab_up_to(strand, edits + STEP <= limits->whole ? edits + STEP - 1 : limits->whole);
    }
    if (fine > 0)
        fine = make_sure(strand, lists, edits, wanted, search);
    if (fine <= 0)
        return fine;
    for (uint32_t place = lists->head[edits]; place; place = lists->next[place - 1]) {
        if ((Py_ssize_t)lists->record[place - 1] < first)
            continue;
        if (!kernel_add_number(found, lists->record[place - 1]))
            return -1;
    }
    if (found->count)
        qsort(found->number, (size_t)found->count, sizeof *found->number, ascending);
    return 1;
}

PyObject *kernel_records_at(PyObject *self, PyObject *args)
{
    PyObject *capsule, *result = NULL;
    Py_ssize_t edits, first;
    Numbers found = {0};
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
    Py_BEGIN_ALLOW_THREADS
    fine = kernel_list_at(strand, placement, edits, first, rate, &found, NULL, NULL);
    Py_END_ALLOW_THREADS
    result = fine > 0 ? PyBytes_FromStringAndSize((const char *)found.number, found.count * 4)
                      : kernel_failed(fine);
    free(found.number);
    return result;
}

void kernel_leave_out(Strand *strand, int placement)
{
    memset(strand->level[placement], 0xff, (size_t)strand->groups * sizeof *strand->level[placement]);
}

Py_ssize_t kernel_smallest(const Strand *strand, int placement)
{
    Py_ssize_t least = NONE;
    for (Py_ssize_t group = 0; group < strand->groups; group++)
        if (strand->level[placement][group] < least)
            least = strand->level[placement][group];
    for (Py_ssize_t edits = 0; edits < least && edits <= strand->lists[placement].limit; edits++)
        if (strand->lists[placement].head[edits])
            least = edits;
    return least == NONE ? -1 : least;
}

/* Return the least level of a placement: below it there is no bound. */
PyObject *kernel_smallest_bound(PyObject *self, PyObject *args)
{
    PyObject *capsule;
    int placement;
    (void)self;
    if (!PyArg_ParseTuple(args, "Oi", &capsule, &placement))
        return NULL;
    Strand *strand = PyCapsule_GetPointer(capsule, NAME);
    if (!strand)
        return NULL;
    Py_ssize_t least =
        placement < 0 || placement >= PLACEMENTS ? -1 : kernel_smallest(strand, placement);
    if (least < 0)
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
