/* What the files of the kernel share. Built against Python's limited API: one build for 3.11 and later. */

#ifndef FORENSICS_KERNEL_H
#define FORENSICS_KERNEL_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* With AVX2 where the processor has it: whichever is built in, one wheel serves all. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#if defined(__GNUC__)
#define prefetch __builtin_prefetch
#else
#define prefetch(place) ((void)0)
#endif

#define CACHE_LINE 64    /* bytes of a line of the cache */
#define LINES_AHEAD 16   /* fetched of a record: the processor itself goes on */
#define RECORDS_AHEAD 6  /* so many records are fetched before they are read: in a large index they lie anywhere */

#define ROUNDING 1e-9 /* far below the distance of any two identities */

/* What each letter can stand for, a bit a base; 0 for what is not an IUPAC code. Filled when the module
 * is made, and only read afterwards. */
extern uint8_t kernel_bases_of[256];
void kernel_fill_letters(void);

/* -- shared by what aligns two sequences ------------------------------------------------- */

#define WORD 64

/* The columns where placements with the fewest edits end, ascending; room for all of them. */
typedef struct {
    Py_ssize_t *column, count;
} Ends;

/* Two sequences as they were given, and how their letters match. */
typedef struct {
    const uint8_t *inner, *outer;
    Py_ssize_t m, n, max_edits;
    int exact; /* a letter matches itself alone; else IUPAC codes what they can stand for */
} Pair;

/* Read a pair from the arguments of a call; 0 with an error set. */
int kernel_read_pair(PyObject *args, Pair *pair);

/* Number the letters that can match (0: nothing does); return how many numbers there are. */
Py_ssize_t kernel_number_letters(const uint8_t *inner, Py_ssize_t m, int exact, uint8_t number[256]);

/* Fill in where each number matches `inner`, a bit a row, `width` numbers for every word of rows. */
void kernel_fill_equal(const uint8_t *inner, Py_ssize_t m, int exact, const uint8_t number[256],
                       uint64_t *equal, Py_ssize_t width);

/* Return the least edits of a placement, with free ends or `anchored` at the beginning of the outer
 * sequence; -1 above max_edits, -3 without memory. */
Py_ssize_t kernel_least_edits(const Pair *pair, int anchored, Ends *ends);

#define SEED 8 /* letters of the words by which sequences are looked up, and of the k-mers of an index */

/* A sequence that is compared with another: its least edits there, -1 above `most`; `number` is the caller's. At least
 * `lacking` different words of SEED letters of the other one are not in it. */
typedef struct {
    const uint8_t *letters;
    Py_ssize_t number, length, most, edits, lacking;
} Placed;

/* Place each of some sequences, or where it is at least as long the one given first, whole in the other, with free
 * ends, several at once (_lanes.c); orders them anew. 0 without memory. */
int kernel_place_many(const uint8_t *letters, Py_ssize_t length, Placed *others, Py_ssize_t count);

/* Return the same, and where its first best placement begins and ends. */
Py_ssize_t kernel_first_placement(const Pair *pair, int anchored, Py_ssize_t *start, Py_ssize_t *end);

/* Return how many bits are set. */
static inline int32_t count_bits(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (int32_t)(word * 0x0101010101010101u >> 56);
}

#define OF_EACH(byte) ((uint64_t)(byte) * 0x0101010101010101u)

/* Read two bits of each of eight letters as ASCII has them (A 0, C 1, T 2, G 3), a byte each; bits of `odd` are set
 * where one is no base. */
static inline uint64_t read_eight(const uint8_t *eight, uint64_t *odd)
{
    uint64_t letters, two;
    memcpy(&letters, eight, sizeof letters);
    two = letters >> 1 & OF_EACH(3);
    uint64_t of_t = two >> 1 & ~two & OF_EACH(1);
    *odd |= letters ^ (OF_EACH('A') + 2 * two + ('T' - 'A' - 4) * of_t);
    return two;
}

#define KMERS (1u << 2 * SEED)

/* Read the two bits of each of SEED letters (`read_eight`), the first letter lowest; KMERS where one is no base. */
static inline uint32_t read_bits(const char *bases)
{
    uint64_t odd = 0, two = read_eight((const uint8_t *)bases, &odd);
    two = (two | two >> 6) & 0x000f000f000f000fu;
    two = (two | two >> 12) & 0x000000ff000000ffu;
    return odd ? KMERS : (uint32_t)(two | two >> 24) & (KMERS - 1);
}

/* Append a number to a list; not 0 with an error set. */
int kernel_append(PyObject *list, Py_ssize_t number);

void kernel_reverse(uint8_t *to, const uint8_t *from, Py_ssize_t length);

/* Rows of a column that lie one above, one below the row before them. */
typedef struct {
    uint64_t up, down;
} Rows;

/* Step into the next column, in which the row above is higher (`in_right`) or lower (`in_left`) by one;
 * `same` are the rows whose letter matches. Return by how much the row at `last` is higher; `rose` are
 * the rows that are. Myers 1999, doi:10.1145/316542.316550, in the form of Hyyroe 2003. */
static inline int32_t step_column(Rows *at, uint64_t same, uint64_t in_right, uint64_t in_left,
                                  int last, uint64_t *rose)
{
    uint64_t up = at->up, down = at->down, vertical = same | down;
    same |= in_left;
    uint64_t diagonal = (((same & up) + up) ^ up) | same;
    uint64_t right = down | ~(diagonal | up), left = up & diagonal;
    int32_t higher = (int32_t)(right >> last & 1) - (int32_t)(left >> last & 1);
    if (rose)
        *rose = right;
    right = right << 1 | in_right;
    at->up = left << 1 | in_left | ~(vertical | right);
    at->down = right & vertical;
    return higher;
}

/* -- shared by the search ------------------------------------------------------------------ */

/* How a query lies on a record, as in kernel.py. */
enum { WHOLE, RIGHT, LEFT, PLACEMENTS };

/* Buffers of the sections of an index, in the order of `Index.tables`. */
enum { ALL_COUNTS, ALL_OFFSETS, ALL_DATA, LENGTHS, HIDDEN, ORDER, SEQUENCE_OFFSETS, SEQUENCES,
       RECORD_OFFSETS, SPECIES, OWN_PIECES, SECTIONS };

/* Get the buffers of a tuple of sections, `views` of them so far; 0 with an error set. */
int kernel_get_sections(PyObject *sections, Py_buffer *view, int *views);

/* Set the error of a function that returns 0 for what is damaged, and -1 without memory; return NULL. */
PyObject *kernel_failed(int fine);

typedef struct {
    Py_ssize_t least, first, longer; /* as in search.IndexQuery */
    Py_ssize_t codes;                /* IUPAC codes of the query */
    Py_ssize_t whole, part;          /* limits: greater bounds are left out */
    double rate;                     /* limit of edits a base, for records shorter than the query */
} Limits;

typedef struct {
    uint32_t *number;
    Py_ssize_t count, room;
} Numbers;

/* Add one; 0 without memory. */
int kernel_add_number(Numbers *numbers, uint32_t number);

/* A strand of a query, and how many edits every record costs at least (_bounds.c). Zeroed when new. */
typedef struct Strand Strand;
Strand *kernel_new_strand(void);
void kernel_free_strand(Strand *strand);

/* Bound all records; `view` are the sections of an index, and stay. 0 damaged, -1 without memory. */
int kernel_bound(Strand *strand, const Py_buffer *view, Py_ssize_t size, const char *bases,
                 Py_ssize_t length, const Limits *limits);

/* Ask for no bounds of a placement. */
void kernel_leave_out(Strand *strand, int placement);

/* Return the least level of a placement, below which there is no bound; -1 where there is no record. */
Py_ssize_t kernel_smallest(const Strand *strand, int placement);

/* Whether a search still wants a record that is placed whole in the query, with so many edits at least. */
typedef int Wanted(const void *search, uint32_t record, Py_ssize_t edits);

/* List the records from `first` on whose bound is `edits`, ascending. From then on, bounds of more
 * edits a base may be left out, and what is not wanted, if anything is said of that. 0, -1 as above. */
int kernel_list_at(Strand *strand, int placement, Py_ssize_t edits, Py_ssize_t first, double rate,
                   Numbers *found, Wanted *wanted, const void *search);

/* Bound a record that is placed whole in the query by its own k-mers; more than `limit` where it is
 * above, -1 where it is damaged. */
Py_ssize_t kernel_stab_short(const Strand *strand, Py_ssize_t record, Py_ssize_t limit);

/* A strand of a query, to be compared with records (_compare_many.c). */
typedef struct Prepared Prepared;
Prepared *kernel_new_prepared(const char *letters, Py_ssize_t length, Py_ssize_t least);
void kernel_free_prepared(Prepared *query);

/* Return the bases of a record and their number; NULL if they lie outside of the sequences. */
const char *kernel_record(const char *bases, Py_ssize_t end, const uint64_t *offsets, Py_ssize_t size,
                          Py_ssize_t number, Py_ssize_t *length);

static inline void fetch_record(const char *bases, Py_ssize_t end, const uint64_t *offsets, Py_ssize_t size,
                                Py_ssize_t number)
{
    Py_ssize_t length = 0;
    bases = kernel_record(bases, end, offsets, size, number, &length);
    for (Py_ssize_t at = 0; at < length && at < LINES_AHEAD * CACHE_LINE; at += CACHE_LINE)
        prefetch(bases + at);
}

/* Return the edits of a record, which costs at least `bound`, and over how many bases; -1 where it
 * does not reach the identity needed, -3 without memory. */
Py_ssize_t kernel_compare(Prepared *query, int placement, const char *letters, Py_ssize_t length,
                          double needed, Py_ssize_t bound, Py_ssize_t *over, Py_ssize_t *aligned);

/* A record that a query is compared with: it costs at least `bound` edits, and must reach an identity. `lacking` as of
 * Placed, where neither has an IUPAC code. */
typedef struct {
    uint32_t record;
    Py_ssize_t bound, edits, over, lacking; /* edits and over: as of kernel_compare */
    double needed;
} Comparison;

/* Compare a query with some records of an index, many at once, and count the alignments; 0 damaged, -1 without
 * memory. */
int kernel_compare_some(Prepared *query, int placement, const char *bases, Py_ssize_t end,
                        const uint64_t *offsets, Py_ssize_t size, Comparison *some, Py_ssize_t count,
                        Py_ssize_t *aligned);

/* -- what the module offers, with the file that has it ----------------------------------- */

/* _distance.c */
PyObject *kernel_semiglobal_distance(PyObject *self, PyObject *args);
PyObject *kernel_semiglobal_placements(PyObject *self, PyObject *args);
PyObject *kernel_prefix_ends(PyObject *self, PyObject *args);
PyObject *kernel_match_any(PyObject *self, PyObject *args);
/* _path.c */
PyObject *kernel_semiglobal_path(PyObject *self, PyObject *args);
PyObject *kernel_prefix_path(PyObject *self, PyObject *args);
/* _compare_many.c */
PyObject *kernel_prepare_query(PyObject *self, PyObject *args);
PyObject *kernel_compare_many(PyObject *self, PyObject *args);
/* _kmers.c */
PyObject *kernel_mark_kmers(PyObject *self, PyObject *args);
PyObject *kernel_find_marked(PyObject *self, PyObject *args);
/* _bounds.c */
PyObject *kernel_bound_strand(PyObject *self, PyObject *args);
PyObject *kernel_records_at(PyObject *self, PyObject *args);
PyObject *kernel_count_shared(PyObject *self, PyObject *args);
PyObject *kernel_smallest_bound(PyObject *self, PyObject *args);
PyObject *kernel_best_of_groups(PyObject *self, PyObject *args);
/* _columns.c */
PyObject *kernel_first_columns(PyObject *self, PyObject *args);
/* _tables.c */
PyObject *kernel_kmer_table(PyObject *self, PyObject *args);
PyObject *kernel_pieces_of(PyObject *self, PyObject *args);
/* _words.c */
PyObject *kernel_index_words(PyObject *self, PyObject *args);
PyObject *kernel_find_chains(PyObject *self, PyObject *args);
/* _neighbours.c */
PyObject *kernel_find_near(PyObject *self, PyObject *args);
/* _search.c */
PyObject *kernel_search_near(PyObject *self, PyObject *args);

#endif
