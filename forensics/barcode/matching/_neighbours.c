/* All records that are near to a query, in one call: what a search down to a floor finds, but of records shorter than
 * the query those alone that overlap it in part: those that lie whole in it ask for themselves.
 *
 * The index may be anybody's file: every offset and number is checked before it is followed.
 */

#include "_kernel.h"

/* Identities are ratios of whole numbers below search.MAX_LENGTH_AT_ONCE: two of them differ by more. */
#define NEARER (0.5 / (10000.0 * 10000.0))

typedef struct {
    const Py_buffer *view;
    Py_ssize_t size, length;
    const char *strands[2];
    Strand *bounds[2];
    Prepared *prepared[2];
    Numbers level, near; /* near: those that were found, in any order */
    double *best;        /* by record the highest identity, 0 where it is not near */
    Comparison *task;
    Py_ssize_t count, room;
} Query;

static int add_task(Query *query, Comparison task)
{
    if (query->count == query->room) {
        Py_ssize_t room = query->room * 2 + 64;
        Comparison *more = realloc(query->task, (size_t)room * sizeof *more);
        if (!more)
            return 0;
        query->task = more;
        query->room = room;
    }
    query->task[query->count++] = task;
    return 1;
}

/* Note which records from `first` on may be nearer by a placement than is known; 0 damaged, -1 without memory. */
static int list_tasks(Query *query, int minus, int placement, double least, Py_ssize_t first)
{
    Py_ssize_t n = query->length, level = (Py_ssize_t)((1 - least) * (double)n + ROUNDING);
    Py_ssize_t smallest = kernel_smallest(query->bounds[minus], placement);
    query->count = 0;
    for (; smallest >= 0 && level >= smallest; level--) { /* all are stabbed for the first */
        int fine = kernel_list_at(query->bounds[minus], placement, level, first, 1 - least, &query->level,
                                  NULL, NULL);
        /* No bound reaches further than this, whole in a longer one or in part, over the whole query. */
        double reach = (double)(n - level) / (double)n;
        if (fine <= 0)
            return fine;
        for (Py_ssize_t i = 0; i < query->level.count; i++) {
            uint32_t record = query->level.number[i];
            double known = query->best[record], needed = known + NEARER;
            needed = needed > 1 ? 1 : needed > least ? needed : least;
            if (reach > known && reach >= least - ROUNDING &&
                !add_task(query, (Comparison){record, level, -1, 0, 0, needed}))
                return -1;
        }
    }
    return 1;
}

/* Note a record that is so near; 0 if the index contradicts itself, -1 without memory. */
static int note_near(Query *query, const Comparison *task, int placement)
{
    double *best = &query->best[task->record];
    double identity = (double)(task->over - task->edits) / (double)task->over;
    if (placement == WHOLE && task->over != query->length)
        return 0;
    if (identity < task->needed - ROUNDING || identity <= *best)
        return 1;
    if (!*best && !kernel_add_number(&query->near, task->record))
        return -1;
    *best = identity;
    return 1;
}

/* Compare with the records that are listed; 0, -1 as above. */
static int compare_tasks(Query *query, int minus, int placement)
{
    const Py_buffer *bases = &query->view[SEQUENCES];
    Py_ssize_t aligned = 0;
    int fine = kernel_compare_some(query->prepared[minus], placement, bases->buf, bases->len,
                                   query->view[SEQUENCE_OFFSETS].buf, query->size, query->task,
                                   query->count, &aligned);
    for (Py_ssize_t i = 0; fine > 0 && i < query->count; i++)
        if (query->task[i].edits >= 0)
            fine = note_near(query, &query->task[i], placement);
    return fine;
}

static int ascending(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

static int find_all(Query *query, Limits limits, Py_ssize_t longer, double floor, double partial_floor)
{
    query->best = calloc((size_t)query->size + 1, sizeof *query->best);
    if (!query->best)
        return -1;
    for (int minus = 0; minus < 2; minus++) {
        query->bounds[minus] = kernel_new_strand();
        query->prepared[minus] = kernel_new_prepared(query->strands[minus], query->length, limits.least);
        if (!query->bounds[minus] || !query->prepared[minus])
            return -1;
        int fine = kernel_bound(query->bounds[minus], query->view, query->size, query->strands[minus],
                                query->length, &limits);
        if (fine <= 0)
            return fine;
    }
    for (int part = 0; part < 2; part++) /* what is near whole is seldom nearer in part */
        for (int minus = 0; minus < 2; minus++)
            for (int placement = part ? RIGHT : WHOLE; placement <= (part ? LEFT : WHOLE); placement++) {
                int fine = list_tasks(query, minus, placement, part ? partial_floor : floor, part ? 0 : longer);
                if (fine > 0)
                    fine = compare_tasks(query, minus, placement);
                if (fine <= 0)
                    return fine;
            }
    if (query->near.count)
        qsort(query->near.number, (size_t)query->near.count, sizeof *query->near.number, ascending);
    return 1;
}

static PyObject *bytes_of(const void *numbers, Py_ssize_t length)
{
    return PyBytes_FromStringAndSize(length ? numbers : NULL, length);
}

PyObject *kernel_find_near(PyObject *self, PyObject *args)
{
    Query query = {0};
    Limits limits = {0};
    PyObject *sections, *result = NULL;
    Py_buffer view[SECTIONS];
    Py_ssize_t length[2], longer;
    double floor, partial_floor;
    int views = 0, fine;
    (void)self;
    if (!PyArg_ParseTuple(args, "(y#y#)O!nnnnndd", &query.strands[0], &length[0], &query.strands[1],
                          &length[1], &PyTuple_Type, &sections, &query.size, &limits.least,
                          &limits.first, &longer, &limits.codes, &floor, &partial_floor))
        return NULL;
    query.view = view;
    query.length = length[0];
    if (!kernel_get_sections(sections, view, &views))
        goto done;
    if (length[0] != length[1] || length[0] < 1 || query.size < 1 || limits.least < 1 ||
        limits.least > length[0] || !(floor > 0 && floor <= 1) ||
        !(partial_floor >= floor && partial_floor <= 1) || longer < limits.first) {
        kernel_failed(0);
        goto done;
    }
    /* Bounds need not hold for what is shorter and placed whole, which is left out. */
    limits.longer = limits.first;
    limits.rate = 1 - floor;
    limits.whole = (Py_ssize_t)((1 - floor) * (double)query.length + ROUNDING);
    limits.part = (Py_ssize_t)((1 - partial_floor) * (double)query.length + ROUNDING);
    Py_BEGIN_ALLOW_THREADS
    fine = find_all(&query, limits, longer, floor, partial_floor);
    for (int minus = 0; minus < 2; minus++) {
        kernel_free_strand(query.bounds[minus]);
        kernel_free_prepared(query.prepared[minus]);
    }
    for (Py_ssize_t i = 0; fine > 0 && i < query.near.count; i++) /* in their order */
        query.best[i] = query.best[query.near.number[i]];
    Py_END_ALLOW_THREADS
    if (fine > 0)
        result = Py_BuildValue("(NN)", bytes_of(query.near.number, query.near.count * 4),
                               bytes_of(query.best, query.near.count * 8));
    else
        kernel_failed(fine);
    free(query.best);
    free(query.task);
    free(query.level.number);
    free(query.near.number);
done:
    while (views--)
        PyBuffer_Release(&view[views]);
    return result;
}
