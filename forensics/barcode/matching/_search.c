/* The nearest records of queries, with proof, in one call: what `search._find_near` does in Python, which is
 * to be read beside it.
 *
 * The index may be anybody's file: every offset and number is checked before it is followed.
 */

#include "_kernel.h"

#define MOST_SPECIES 16
#define MOST_OF_SPECIES 8 /* kernel.MAX_OF_SPECIES */

/* How a record lies, as search.Hit has it. */
typedef struct {
    int32_t record, edits, length, minus, placement;
} Found;

/* What was found, and (`slot`, a power of two of places from 1 on) where that of a record is. */
typedef struct {
    Found *found;
    uint32_t *slot;
    Py_ssize_t count, room;
} Hits;

/* The nearest haplotypes of a species, nearest first. */
typedef struct {
    uint32_t species;
    int count;
    double nearest[MOST_OF_SPECIES];
} OfSpecies;

typedef struct {
    const Py_buffer *view;
    Py_ssize_t size, length, aligned;
    Limits limits;
    double floor, partial_floor, margin, horizon;
    int wanted, of_species, down_to_floor, placements[2];
    const char *strands[2];
    const uint32_t *lengths, *ignored;
    Py_ssize_t ignored_count;
    Strand *bounds[2];
    Prepared *prepared[2];
    Numbers level;
    Comparison *some; /* of a level, and room for them */
    Py_ssize_t room;
    Hits hits, brief;
    double needed;
    /* The nearest species so far, at most `wanted`. */
    Py_ssize_t near_count;
    uint32_t near_species[MOST_SPECIES];
    double near_identity[MOST_SPECIES], best;
    /* Species by their number, a power of two of places; a count of 0 is a free one. */
    OfSpecies *species;
    Py_ssize_t species_count, species_room;
} Search;

static double identity_of(const Found *found)
{
    return (double)(found->length - found->edits) / (double)found->length;
}

/* Whether one way of placing a record, with an identity, comes before another: `Hit.order`. */
static int comes_before(double here, const Found *one, const Found *other)
{
    double there = identity_of(other);
    if (here != there)
        return here > there;
    if (one->length != other->length)
        return one->length > other->length;
    if ((one->placement == WHOLE) != (other->placement == WHOLE))
        return one->placement == WHOLE;
    if (one->minus != other->minus)
        return other->minus;
    return one->placement < other->placement;
}

/* Return the place of a record's hit, or where it would be noted. */
static uint32_t *slot_of(const Hits *hits, int32_t record)
{
    uint32_t mask = (uint32_t)hits->room * 2 - 1, at = (uint32_t)record * 0x9E3779B1u >> 7 & mask;
    while (hits->slot[at] && hits->found[hits->slot[at] - 1].record != record)
        at = (at + 1) & mask;
    return &hits->slot[at];
}

static Found *known(const Hits *hits, int32_t record)
{
    uint32_t place = hits->room ? *slot_of(hits, record) : 0;
    return place ? &hits->found[place - 1] : NULL;
}

/* Note how a record lies, in place of what was known of it; 0 without memory. */
static int note_hit(Hits *hits, const Found *found)
{
    Found *before = known(hits, found->record);
    if (before) {
        *before = *found;
        return 1;
    }
    if (hits->count == hits->room) {
        Py_ssize_t room = hits->room ? hits->room * 2 : 64;
        Found *more = realloc(hits->found, (size_t)room * sizeof *more);
        if (!more)
            return 0;
        hits->found = more;
        free(hits->slot);
        hits->slot = calloc((size_t)room * 2, sizeof *hits->slot);
        hits->room = hits->slot ? room : 0;
        if (!hits->slot)
            return 0;
        for (Py_ssize_t i = 0; i < hits->count; i++)
            *slot_of(hits, hits->found[i].record) = (uint32_t)i + 1;
    }
    hits->found[hits->count++] = *found;
    *slot_of(hits, found->record) = (uint32_t)hits->count;
    return 1;
}

/* Find the species of the records of a haplotype, ascending where the index is sound; 0 if it is damaged. */
static int species_of(const Search *search, int32_t record, const uint32_t **from, const uint32_t **to)
{
    const uint32_t *offsets = search->view[RECORD_OFFSETS].buf, *species = search->view[SPECIES].buf;
    uint32_t begin = offsets[record], end = offsets[record + 1];
    if (begin >= end || (Py_ssize_t)end > search->view[SPECIES].len / 4)
        return 0;
    *from = species + begin;
    *to = species + end;
    return 1;
}

static OfSpecies *place_of(const Search *search, uint32_t species)
{
    uint32_t mask = (uint32_t)search->species_room - 1, at = species * 0x9E3779B1u >> 7 & mask;
    while (search->species[at].count && search->species[at].species != species)
        at = (at + 1) & mask;
    return &search->species[at];
}

/* Note how near a haplotype of a species is, in place of `before` (or -1); 0 without memory. */
static int note_of_species(Search *search, uint32_t species, double before, double near)
{
    if (search->species_count * 2 >= search->species_room) {
        OfSpecies *old = search->species;
        Py_ssize_t room = search->species_room;
        search->species = calloc((size_t)(room ? room * 2 : 64), sizeof *old);
        if (!search->species) {
            search->species = old;
            return 0;
        }
        search->species_room = room ? room * 2 : 64;
        for (Py_ssize_t i = 0; i < room; i++)
            if (old[i].count)
                *place_of(search, old[i].species) = old[i];
        free(old);
    }
    OfSpecies *place = place_of(search, species);
    search->species_count += !place->count;
    place->species = species;
    int at = 0, count = place->count;
    while (at < count && place->nearest[at] != before)
        at++;
    if (at == count) { /* not among the nearest until now */
        if (count == search->of_species && near <= place->nearest[count - 1])
            return 1;
        place->count += count < search->of_species;
        at = place->count - 1;
    }
    for (; at > 0 && place->nearest[at - 1] < near; at--)
        place->nearest[at] = place->nearest[at - 1];
    place->nearest[at] = near;
    return 1;
}

/* Return the identity from which a haplotype is reported (`search._least_reported`); -1 if the index is damaged. */
static double least_reported(const Search *search, int32_t record)
{
    const uint32_t *species, *end;
    double least = search->best;
    if (!search->species_room || least <= search->needed)
        return search->needed;
    if (!species_of(search, record, &species, &end))
        return -1;
    for (const uint32_t *at = species; at < end && least > search->needed; at++) {
        const OfSpecies *of = place_of(search, *at);
        double farthest = of->count < search->of_species ? 0 : of->nearest[of->count - 1];
        least = farthest < least ? farthest : least;
    }
    return least > search->needed ? least : search->needed;
}

static int is_wanted(const void *search, uint32_t record, Py_ssize_t edits)
{
    double length = (double)((const Search *)search)->lengths[record];
    return (length - (double)edits) / length >= least_reported(search, (int32_t)record) - ROUNDING;
}

/* Count the species of a record that is so near, but those that are ignored; 0 if the index is damaged, -1 without memory. */
static int count_species(Search *search, const Found *found, double before)
{
    const uint32_t *species, *end;
    double near = identity_of(found);
    if (!species_of(search, found->record, &species, &end))
        return 0;
    for (const uint32_t *at = species; at < end; at++) {
        Py_ssize_t place = 0, least = 0;
        if (at > species && at[-1] == *at)
            continue;
        if (search->of_species && !note_of_species(search, *at, before, near))
            return -1;
        for (; place < search->near_count && search->near_species[place] != *at; place++)
            if (search->near_identity[place] < search->near_identity[least])
                least = place;
        if (place == search->near_count) {
            int ignored = 0;
            for (Py_ssize_t i = 0; i < search->ignored_count && !ignored; i++)
                ignored = search->ignored[i] == *at;
            if (ignored)
                continue;
            if (search->near_count < search->wanted)
                search->near_identity[search->near_count++] = 0;
            else
                place = least;
        }
        if (near > search->near_identity[place] || !search->near_identity[place]) {
            search->near_species[place] = *at;
            search->near_identity[place] = near;
        }
        search->best = near > search->best ? near : search->best;
    }
    return 1;
}

/* As search.reporting_cutoff. */
static double reporting_cutoff(const Search *search)
{
    double best = 0, further = search->near_count == search->wanted;
    for (Py_ssize_t i = 0; i < search->near_count; i++) {
        best = search->near_identity[i] > best ? search->near_identity[i] : best;
        further = search->near_identity[i] < further ? search->near_identity[i] : further;
    }
    if (!search->near_count)
        return search->floor;
    further = further > search->horizon ? further : search->horizon;
    further = best - search->margin < further ? best - search->margin : further;
    return further > search->floor ? further : search->floor;
}

/* Whether what the index says twice of the length of a record agrees. */
static int is_sound(const Search *search, Py_ssize_t record)
{
    const uint64_t *offsets = search->view[SEQUENCE_OFFSETS].buf;
    return offsets[record + 1] - offsets[record] == search->lengths[record];
}

/* Compare with some records by one placement; 0, -1 as above. */
static int compare(Search *search, int minus, int placement, Comparison *some, Py_ssize_t count)
{
    const Py_buffer *view = search->view;
    for (Py_ssize_t i = 0; i < count; i++)
        if (!is_sound(search, some[i].record))
            return 0;
    if (!search->prepared[minus])
        search->prepared[minus] =
            kernel_new_prepared(search->strands[minus], search->length, search->limits.least);
    if (!search->prepared[minus])
        return -1;
    return kernel_compare_some(search->prepared[minus], placement, view[SEQUENCES].buf, view[SEQUENCES].len,
                               view[SEQUENCE_OFFSETS].buf, search->size, some, count, &search->aligned);
}

/* Return how a record lies, by what was compared. */
static Found found_by(const Comparison *one, int minus, int placement)
{
    return (Found){(int32_t)one->record, (int32_t)one->edits, (int32_t)one->over, minus, placement};
}

/* Compare the records of which one placement costs so many edits at least; 0, -1 as above. */
static int compare_level(Search *search, int minus, int placement, Py_ssize_t edits)
{
    Py_ssize_t n = search->length, first = 0;
    int whole = placement == WHOLE;
    double needed = whole || search->needed > search->partial_floor ? search->needed
                                                                    : search->partial_floor;
    if (1 - (double)edits / (double)n < needed - ROUNDING)
        return 1;
    if (whole) { /* in a shorter record so many edits are too many; they are numbered by length */
        double shortest = (double)edits / (1 - needed + ROUNDING);
        for (Py_ssize_t end = search->size; shortest > (double)search->limits.least && first < end;) {
            Py_ssize_t middle = first + (end - first) / 2;
            if ((double)search->lengths[middle] + 1 <= shortest)
                first = middle + 1;
            else
                end = middle;
        }
    }
    int fine = kernel_list_at(search->bounds[minus], placement, edits, first, 1 - search->needed,
                              &search->level, is_wanted, search);
    Py_ssize_t count = 0;
    if (search->level.count > search->room) {
        free(search->some);
        search->room = search->level.count * 2;
        search->some = malloc((size_t)search->room * sizeof *search->some);
        if (!search->some)
            return -1;
    }
    for (Py_ssize_t i = 0; i < search->level.count && fine > 0; i++) {
        int32_t record = (int32_t)search->level.number[i];
        Py_ssize_t shorter = (Py_ssize_t)search->lengths[record] < n ? (Py_ssize_t)search->lengths[record] : n;
        Found found = {record, (int32_t)edits, (int32_t)shorter, minus, placement};
        Found *before = known(&search->hits, record);
        double least = needed;
        if (!shorter)
            return 0;
        if (before && identity_of(before) > least)
            least = identity_of(before);
        /* A partial overlap is stated over the whole query. */
        double basis = (double)(whole ? shorter : n), reach = (basis - (double)edits) / basis;
        if (reach < least - ROUNDING || (before && !comes_before(reach, &found, before)))
            continue;
        double told = least_reported(search, record);
        if (told < 0)
            return 0;
        if (reach >= told - ROUNDING)
            search->some[count++] = (Comparison){(uint32_t)record, edits, -1, 0, 0, told > least ? told : least};
    }
    if (fine > 0 && count)
        fine = compare(search, minus, placement, search->some, count);
    for (Py_ssize_t i = 0; i < count && fine > 0; i++) {
        const Comparison *one = &search->some[i];
        Found found = found_by(one, minus, placement), *before = known(&search->hits, found.record);
        double until_now = before ? identity_of(before) : -1;
        if (one->edits < 0 || identity_of(&found) < one->needed - ROUNDING ||
            (before && !comes_before(identity_of(&found), &found, before)))
            continue;
        if (!note_hit(&search->hits, &found))
            return -1;
        if (!search->down_to_floor)
            fine = count_species(search, &found, until_now);
    }
    if (fine > 0 && count && !search->down_to_floor)
        search->needed = reporting_cutoff(search);
    return fine;
}

/* Find the records too short to be compared that come as near as the best hit. */
static int find_short(Search *search)
{
    double limit = search->needed;
    for (Py_ssize_t i = 0; i < search->hits.count; i++) {
        double identity = identity_of(&search->hits.found[i]);
        limit = i && limit > identity ? limit : identity;
    }
    Py_ssize_t least = search->limits.least;
    Py_ssize_t whole = (Py_ssize_t)((1 - limit) * (double)least + ROUNDING);
    for (int minus = 0; minus < 2; minus++)
        for (Py_ssize_t record = 0; record < search->limits.first; record++) {
            Py_ssize_t length = (Py_ssize_t)search->lengths[record];
            Py_ssize_t most = (Py_ssize_t)((1 - limit) * (double)length + ROUNDING);
            Py_ssize_t bound = kernel_stab_short(search->bounds[minus], record, most < whole ? most : whole);
            Comparison one = {(uint32_t)record, bound, -1, 0, 0, limit};
            if (bound < 0)
                return 0;
            if (bound > most)
                continue;
            int fine = compare(search, minus, WHOLE, &one, 1);
            if (fine < 1)
                return fine;
            Found found = found_by(&one, minus, WHOLE);
            if (one.edits >= 0 && identity_of(&found) >= limit - ROUNDING && !note_hit(&search->brief, &found))
                return -1;
        }
    return 1;
}

static int search_all(Search *search, int brief)
{
    Py_ssize_t n = search->length;
    Py_ssize_t most = (Py_ssize_t)((1 - search->floor + ROUNDING) * (double)n), from[2][PLACEMENTS];
    int fine;
    most = most < n ? most : n;
    for (int minus = 0; minus < 2; minus++) {
        search->bounds[minus] = kernel_new_strand();
        fine = search->bounds[minus]
                   ? kernel_bound(search->bounds[minus], search->view, search->size,
                                  search->strands[minus], n, &search->limits)
                   : -1;
        if (fine <= 0)
            return fine;
        for (int placement = 0; placement < PLACEMENTS; placement++) {
            if (!(search->placements[minus] >> placement & 1))
                kernel_leave_out(search->bounds[minus], placement);
            from[minus][placement] = kernel_smallest(search->bounds[minus], placement);
        }
    }
    for (Py_ssize_t edits = 0; edits <= most; edits++) {
        if (1 - (double)edits / (double)n < search->needed - ROUNDING)
            break;
        for (int minus = 0; minus < 2; minus++)
            for (int placement = 0; placement < PLACEMENTS; placement++) {
                if (from[minus][placement] < 0 || from[minus][placement] > edits)
                    continue;
                fine = compare_level(search, minus, placement, edits);
                if (fine <= 0)
                    return fine;
            }
    }
    return brief ? find_short(search) : 1;
}

static PyObject *bytes_of(const Hits *hits)
{
    return PyBytes_FromStringAndSize((const char *)hits->found, hits->count * (Py_ssize_t)sizeof(Found));
}

/* Read what is asked of one query; 0, with an exception, where that does not fit. */
static int read_query(Search *search, PyObject *query)
{
    Py_ssize_t length[2];
    if (!PyTuple_Check(query) ||
        !PyArg_ParseTuple(query, "(y#y#)(ii)nnnn", &search->strands[0], &length[0], &search->strands[1],
                          &length[1], &search->placements[0], &search->placements[1], &search->limits.least,
                          &search->limits.first, &search->limits.longer, &search->limits.codes)) {
        if (!PyErr_Occurred())
            kernel_failed(0);
        return 0;
    }
    search->length = length[0];
    if (length[0] != length[1] || length[0] < 1) {
        kernel_failed(0);
        return 0;
    }
    search->limits.rate = 1 - search->floor;
    search->limits.whole = (Py_ssize_t)((1 - search->floor) * (double)search->length + ROUNDING);
    search->limits.part = (Py_ssize_t)((1 - search->partial_floor) * (double)search->length + ROUNDING);
    return 1;
}

static void free_search(Search *search)
{
    free(search->hits.found);
    free(search->hits.slot);
    free(search->brief.found);
    free(search->brief.slot);
}

/* Answer one query, without the lock of Python. */
static int answer(Search *search, int brief)
{
    int fine = search_all(search, brief);
    for (int minus = 0; minus < 2; minus++) {
        kernel_free_strand(search->bounds[minus]);
        kernel_free_prepared(search->prepared[minus]);
    }
    free(search->level.number);
    free(search->species);
    free(search->some);
    return fine;
}

PyObject *kernel_search_near(PyObject *self, PyObject *args)
{
    Search all = {0}, *searches = NULL;
    PyObject *queries, *sections, *result = NULL;
    Py_buffer view[SECTIONS], ignored = {0};
    Py_ssize_t count = 0;
    int views = 0, brief, fine = 1;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!O!nddddiipy*p", &PyTuple_Type, &queries, &PyTuple_Type, &sections,
                          &all.size, &all.floor, &all.partial_floor, &all.margin, &all.horizon,
                          &all.wanted, &all.of_species, &all.down_to_floor, &ignored, &brief))
        return NULL;
    all.view = view;
    all.needed = all.floor;
    all.ignored = ignored.buf;
    all.ignored_count = ignored.len / 4;
    if (!kernel_get_sections(sections, view, &views))
        goto done;
    all.lengths = view[LENGTHS].buf;
    if (all.wanted < 1 || all.wanted > MOST_SPECIES || all.of_species < 0 || all.of_species > MOST_OF_SPECIES ||
        !(all.floor >= 0 && all.floor <= 1) || !(all.partial_floor >= all.floor && all.partial_floor <= 1) ||
        !(all.margin >= 0) || !(all.horizon <= 1) || view[RECORD_OFFSETS].len != (all.size + 1) * 4) {
        kernel_failed(0);
        goto done;
    }
    count = PyTuple_Size(queries);
    searches = calloc((size_t)count + 1, sizeof *searches);
    if (!searches) {
        kernel_failed(-1);
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        searches[i] = all;
        if (!read_query(&searches[i], PyTuple_GetItem(queries, i)))
            goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < count && fine > 0; i++)
        fine = answer(&searches[i], brief);
    Py_END_ALLOW_THREADS
    if (fine <= 0) {
        kernel_failed(fine);
        goto done;
    }
    result = PyList_New(count);
    for (Py_ssize_t i = 0; i < count && result; i++) {
        Search *one = &searches[i];
        PyObject *found =
            Py_BuildValue("(NNdn)", bytes_of(&one->hits), bytes_of(&one->brief), one->needed, one->aligned);
        if (!found || PyList_SetItem(result, i, found) < 0)
            Py_CLEAR(result);
    }
done:
    for (Py_ssize_t i = 0; searches && i < count; i++)
        free_search(&searches[i]);
    free(searches);
    while (views--)
        PyBuffer_Release(&view[views]);
    PyBuffer_Release(&ignored);
    return result;
}
