# %% [markdown]
# # Lesson 3: is the species in the library?
#
# **Goal.** You say how often a rule gives a false name, and on which assumption a name rests.
#
# You need half an hour and no network. Lesson 1 says how to answer: choose *Edit*, *Clear Outputs of All Cells*, run
# the cells in order, and write your answers in the place of `None`.
#
# Every identification answers two questions. Which record is nearest? **And is the right species among the records at
# all?** The first is arithmetic. The second decides whether the name is true.

# %%
from forensics import training

training.begin("en")

# %% [markdown]
# ## 1. A library that we know
#
# We take from the embedded library the antelopes, monkeys, elephants, cats, parrots, vultures and crocodiles, and
# their relatives. By lot, **60 species** lose one record, which we ask for: the library still holds the species. **40
# species** lose all their records, and we ask for one: the species is missing. So we know the truth, and the library
# does not. The sequences are real.
#
# **Question 3.1.** Before you look: from which identity of the nearest record is it safe that the species is in the
# library?
#
# - **a** From 98%.
# - **b** From 100%.
# - **c** From none.

# %%
answer = None  # "a", "b" or "c"
training.check("3.1", answer)

# %% [markdown]
# ## The picture to remember
#
# Each animal stands at the identity of its nearest record; what is near no record stands at the left end. **No line
# separates the two colours.** Missing species stand on the right, too: their nearest relative is that near.

# %%
trial = training.hide_species(seed=3)
axes = trial.plot(threshold=0.98)

# %% [markdown]
# ## 2. Two errors
#
# "From 98% it is the species" is a rule that you will meet. Put your own thresholds into the list, and count.

# %%
rules = trial.count(thresholds=[0.98, 0.99, 1.0])
rules

# %% [markdown]
# **Question 3.2.** Of the 40 species that the library does not have, how many get the name of another one, with the
# rule of 98%?

# %%
answer = None  # a number
training.check("3.2", answer, about=trial.count(thresholds=[0.98]))

# %% [markdown]
# Some of them:

# %%
answers = trial.ask()
columns = ["truth", "best_species", "identity", "rank", "taxon"]
answers[~answers["held"] & (answers["identity"] >= 0.99)][columns].round(3)

# %% [markdown]
# In the last two columns is what the program says of each. Often it names the genus where the rule names a wrong
# species, as with the elephants. Not always: the green monkey of West Africa (*Chlorocebus sabaeus*) is named as its
# neighbour, which has the same sequence.
#
# **Question 3.3.** What happens if you raise the threshold?
#
# - **a** Both errors become fewer.
# - **b** Fewer missing species get a false name, and fewer known ones get their right one.
# - **c** From some threshold on there is no error.

# %%
answer = None  # "a", "b" or "c"
training.check("3.3", answer)

# %% [markdown]
# **Question 3.4.** A maker tests a method with species that its library holds, and with no other. Which column of the
# table does the maker **not** see?
#
# - **a** held: right name
# - **b** held: false name
# - **c** missing: false name

# %%
answer = None  # "a", "b" or "c"
training.check("3.4", answer)

# %% [markdown]
# ## 3. The prior
#
# How probable is it, before anybody looks at the sequence, that the species is in the library? This is the **prior**.
# The program takes 0.9 where you say nothing.
#
# **Question 3.5.** You say 0.5 instead. Will the program name more or fewer of the 60 species that the library holds?

# %%
answer = None  # "more" or "fewer"
training.check("3.5", answer)

# %%
trial.count(priors=[0.5, 0.9, 0.99])

# %% [markdown]
# Compare the last column with the one above. With a high prior the program names more, and more of it is false where
# the species is missing after all.
#
# **Question 3.6.** A customs post sends feathers. Your library holds all birds of your own country. The parcels come
# from anywhere. Which prior do you state in the report?
#
# - **a** 0.99, because then most samples get a name.
# - **b** 0.9, because it is the default of the program.
# - **c** One that you can defend without the sequence: with what this post has sent before. Where nothing is known, 0.5.

# %%
answer = None  # "a", "b" or "c"
training.check("3.6", answer)

# %% [markdown]
# ## 4. Is the record right?
#
# These animals are of species that the library **holds**, and still their nearest record has another name.

# %%
answers[answers["held"] & (answers["truth"] != answers["best_species"])][columns].round(3)

# %% [markdown]
# "Truth" is here a name that somebody gave to a specimen, and so is the name of the record. One of the two may be
# wrong, or the two species may share a sequence.
#
# **Question 3.7.** What can show which name is wrong?
#
# - **a** The specimen that the sequence was taken from, if it was kept (a voucher).
# - **b** More bases of the same gene.
# - **c** A higher threshold.

# %%
answer = None  # "a", "b" or "c"
training.check("3.7", answer)

# %% [markdown]
# ## Take home
#
# 1. No identity shows by itself that the right species is in the library.
# 2. A rule has two errors, and both must be counted, also with species that the library lacks.
# 3. The prior is yours: state it, give its reason, and say what the name would be with another one.
#
# ## Your task
#
# Change `seed=3` to the day of your birth and run the cells of parts 1 and 2 again. Which figures changed, and by how
# much? Write a sentence for a court about the rule of 98%, with both errors and with how far you trust them. Then do a
# blind round: `forensics training new --output round_1`.
